"""How a question is scored."""
