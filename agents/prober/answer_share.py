"""How often a member answers, from a few questions."""

from __future__ import annotations

from ...domain.judge_accuracy import Figure
from ...evaluation.intervals.wilson import wilson_interval


def answer_share(answered: int, asked: int) -> Figure:
    """The share of ``asked`` > 0 questions that were answered, with Wilson's 95 % interval."""
    low, high = wilson_interval(answered / asked, asked, 1.96)
    return Figure(estimate=answered / asked, interval=(float(low), float(high)))
