"""The verbs of ``adaem memory``."""
