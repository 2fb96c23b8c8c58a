"""A run's trace for whoever inspects it: lines, steps, a question's life; in the terminal, as a page, as data."""
