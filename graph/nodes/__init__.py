"""The nodes of the state machine: each takes the state and the run's context, and returns what has changed."""
