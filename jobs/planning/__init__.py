"""What a run will spend, before money is spent."""
