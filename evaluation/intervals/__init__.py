"""Means, intervals and tests with topics as the unit."""
