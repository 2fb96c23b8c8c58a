"""The verbs that read what a run has left."""
