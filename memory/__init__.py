"""What was asked before: remembered questions, their nearest neighbours, and the novelty gate (METHOD.md section 3)."""
