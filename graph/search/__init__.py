"""The rules of the search: topics and their life, the budget of each part, what is confirmed and remembered."""
