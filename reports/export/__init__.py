"""A run's questions, answers, labels and scores as files for other programs: one file a format."""
