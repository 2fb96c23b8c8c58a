"""Tables as plain cells, the same for the terminal and for Markdown."""
