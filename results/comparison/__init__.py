"""Evaluations at different times or of different models, on the questions that they share."""
