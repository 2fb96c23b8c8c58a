"""Text from models and users, made harmless; words for numbers."""
