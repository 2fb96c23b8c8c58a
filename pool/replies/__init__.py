"""What a response means: its body, its outcome, its thinking, its refusal."""
