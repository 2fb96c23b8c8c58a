"""Judged answers drawn from planted probabilities, without text, their values correlated as in the world's answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from .text_simulation import Confusion

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def draw_answers(
    rates: Floats, confusion: Confusion, samples: int, root: Floats | None, rng: np.random.Generator
) -> Bools:
    """(Q, K, L, d) judged answers with planted ``rates`` (Q, K, d).

    ``root`` (d, d) is the Cholesky factor of the values' correlations within an answer, None where there are none; it
    leaves every rate as it is. Refusals are not drawn; evaded answers are in the rates, not as answers without values.
    """
    shape = (*rates.shape[:2], samples, rates.shape[2])
    if root is None:
        return np.asarray(rng.random(shape) < confusion.observed(rates)[:, :, None, :])
    meant = rng.standard_normal(shape) @ root.T < ndtri(rates)[:, :, None, :]
    found = np.where(meant, confusion.sensitivity[:, None, :], confusion.false_alarm[:, None, :])
    return np.asarray(rng.random(shape) < found)


def draw_counts(
    rates: Floats, confusion: Confusion, samples: int, root: Floats | None, rng: np.random.Generator
) -> NDArray[np.int64]:
    """(Q, K, d) in how many of ``samples`` answers the judge finds each value; as ``draw_answers`` has them."""
    if root is None:
        return np.asarray(rng.binomial(samples, confusion.observed(rates)))
    return np.asarray(draw_answers(rates, confusion, samples, root, rng).sum(axis=2))
