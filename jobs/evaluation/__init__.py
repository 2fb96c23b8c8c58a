"""Models answer the questions of a run or of a file, with or without controls."""
