"""What is said of models, as data: profiles, contrasts, strengths, distances, ratings."""
