"""How a question is rewritten between two moves."""
