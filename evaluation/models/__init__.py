"""What is said of models: profiles, contrasts, distances, strength and refusals."""
