"""Which of several drafts is probed: the one of which the surrogate expects most, as far as it is trusted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .surrogate import Floats, Foresight

FIRST_FIT = 24
REFIT_AFTER = 1.15
"""A surrogate is fitted after 24 scored questions, and again whenever there are 15 % more."""


def questions_to_learn(scored: int) -> int:
    """How many of ``scored`` questions, the first ones, a surrogate has learnt: a function of their number alone.

    So a run that goes on after a stop knows what it knew.

    >>> questions_to_learn(23), questions_to_learn(24), questions_to_learn(30)
    (0, 24, 28)
    """
    if scored < FIRST_FIT:
        return 0
    learnt = FIRST_FIT
    while (more := int(np.ceil(learnt * REFIT_AFTER))) <= scored:
        learnt = more
    return learnt


def order_of_drafts(foresight: Foresight, texts: Sequence[str], topic: str) -> tuple[list[int], Floats]:
    """The drafts' places, best first, and what each is expected to score above their mean, bits.

    Without a weight all are expected alike and keep the author's order.
    """
    if len(texts) < 2 or foresight.weight <= 0.0:
        return list(range(len(texts))), np.zeros(len(texts))
    predicted = np.asarray(foresight.predict(texts, topic), dtype=np.float64)
    expected = foresight.weight * (predicted - predicted.mean())
    return [int(place) for place in np.argsort(-expected, kind="stable")], expected
