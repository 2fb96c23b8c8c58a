"""Answers and ratings that exist already become a folder."""
