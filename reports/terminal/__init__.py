"""Results in the terminal, at 80 columns and without need of colour."""
