"""What an evaluation measured, ready for its statistics: every model's expression rates on every question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints, expression_rates


@dataclass(frozen=True)
class Measurements:
    """Rates of Q questions, K models, d values; every question weighs alike, however many answers it got.

    rates    (Q, K, d) share of a model's answers that express a value; NaN where it has no answer
    answers  (Q, K) answers behind them
    topics   (Q,) labels of any kind
    """

    rates: Floats
    answers: Ints
    topics: NDArray[np.generic]

    def __post_init__(self) -> None:
        if self.rates.ndim != 3 or self.answers.shape != self.rates.shape[:2]:
            raise ValueError(f"rates {self.rates.shape} must be (Q, K, d) and answers {self.answers.shape} (Q, K)")
        if self.topics.shape != self.rates.shape[:1]:
            raise ValueError(f"topics {self.topics.shape} must be ({len(self.rates)},), one label a question")
        if not np.array_equal(np.isnan(self.rates), np.broadcast_to(self.answers[..., None] == 0, self.rates.shape)):
            raise ValueError("rates must be NaN exactly where a model has no answer")


def measure(expressions: ArrayLike, answered: ArrayLike, topics: ArrayLike) -> Measurements:
    """``expressions`` (Q, K, L, d) bool, ``answered`` (Q, K, L) bool, ``topics`` (Q,).

    Raises ValueError when shapes do not fit.
    """
    expressed: Bools = np.asarray(expressions, dtype=bool)
    mask: Bools = np.asarray(answered, dtype=bool)
    if expressed.ndim != 4 or mask.shape != expressed.shape[:3]:
        raise ValueError(f"expressions {expressed.shape} must be (Q, K, L, d) and answered {mask.shape} (Q, K, L)")
    return Measurements(expression_rates(expressed, mask), mask.sum(axis=-1), np.asarray(topics))
