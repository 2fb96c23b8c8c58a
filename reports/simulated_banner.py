"""What is said first of all where anything was simulated."""

from __future__ import annotations

SIMULATED_RESPONDENTS = (
    "SIMULATED RESPONDENTS: no real model was asked; the figures show the instrument, not any model."
)
SIMULATED_LABELS = "SIMULATED JUDGE: the answers are recorded ones, their labels made up; the figures show the program."
