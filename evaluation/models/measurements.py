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
    graded   whether rates are means of probabilities, which vary less than yes and no of the same mean do
    """

    rates: Floats
    answers: Ints
    topics: NDArray[np.generic]
    graded: bool = False

    def __post_init__(self) -> None:
        if self.rates.ndim != 3 or self.answers.shape != self.rates.shape[:2]:
            raise ValueError(f"rates {self.rates.shape} must be (Q, K, d) and answers {self.answers.shape} (Q, K)")
        if self.topics.shape != self.rates.shape[:1]:
            raise ValueError(f"topics {self.topics.shape} must be ({len(self.rates)},), one label a question")
        if not np.array_equal(np.isnan(self.rates), np.broadcast_to(self.answers[..., None] == 0, self.rates.shape)):
            raise ValueError("rates must be NaN exactly where a model has no answer")

    @property
    def most_draws(self) -> Floats:
        """(Q, K) of how many independent yes/no draws a rate can be worth at most: its answers, no bound if graded."""
        return np.where(self.answers > 0, np.inf, 0.0) if self.graded else self.answers.astype(np.float64)


def measure(expressions: ArrayLike, answered: ArrayLike, topics: ArrayLike) -> Measurements:
    """``expressions`` (Q, K, L, d) bool, ``answered`` (Q, K, L) bool, ``topics`` (Q,).

    Raises ValueError when shapes do not fit.
    """
    expressed: Bools = np.asarray(expressions, dtype=bool)
    mask: Bools = np.asarray(answered, dtype=bool)
    if expressed.ndim != 4 or mask.shape != expressed.shape[:3]:
        raise ValueError(f"expressions {expressed.shape} must be (Q, K, L, d) and answered {mask.shape} (Q, K, L)")
    return Measurements(expression_rates(expressed, mask), mask.sum(axis=-1), np.asarray(topics))


def measure_probabilities(probabilities: ArrayLike, answered: ArrayLike, topics: ArrayLike) -> Measurements:
    """The same of the probabilities (Q, K, L, d), in [0, 1], that answers express values: rates are their means.

    Raises ValueError when shapes do not fit, or an answer has no probability.
    """
    chances = np.asarray(probabilities, dtype=np.float64)
    mask: Bools = np.asarray(answered, dtype=bool)
    if chances.ndim != 4 or mask.shape != chances.shape[:3]:
        raise ValueError(f"probabilities {chances.shape} must be (Q, K, L, d) and answered {mask.shape} (Q, K, L)")
    if np.isnan(chances[mask]).any():
        raise ValueError("every answer must have a probability of every value")
    answers = mask.sum(axis=-1)
    sums = np.where(mask[..., None], chances, 0.0).sum(axis=-2)
    rates = np.divide(sums, answers[..., None], out=np.full(sums.shape, np.nan), where=answers[..., None] > 0)
    return Measurements(rates, answers, np.asarray(topics), graded=True)
