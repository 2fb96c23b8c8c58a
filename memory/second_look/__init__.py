"""What decides whether two questions that an embedder finds alike are one question."""
