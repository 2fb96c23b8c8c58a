"""Refusals: not missing at random, so worst cases beside each rate, and a contrast of their own (METHOD.md section 5).

The caller says which outcomes count as refused: `refused` and `filtered`, say. An answer that is neither answered nor
refused (a failed call) tells nothing of the model and was not asked, as far as this module is concerned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints
from ..intervals.clustered_means import clustered_means, rate_interval
from .measurements import Measurements


def refusal_measurements(answered: ArrayLike, refused: ArrayLike, topics: ArrayLike) -> Measurements:
    """Refusal as the single value of ``Measurements`` (d = 1): for ``profiles`` and ``contrasts``.

    ``answered``, ``refused`` (Q, K, L) bool, never both; ``topics`` (Q,).
    """
    _, declined, asked = _checked(answered, refused)
    return Measurements(_share(declined.sum(axis=-1), asked)[..., None], asked, np.asarray(topics))


@dataclass(frozen=True)
class WorstCases:
    """Manski's bounds: what a rate would be had the model answered, expressing the value never, or always; all (K, d).

    least, most   the bounds, in [0, 1]; equal where nothing was refused, NaN where nothing was asked
    low, high     95 % interval around both: the lower end of that of ``least``, the upper end of that of ``most``;
                  NaN with fewer than ``FEWEST_TOPICS_FOR_AN_INTERVAL`` topics
    """

    least: Floats
    most: Floats
    low: Floats
    high: Floats


def worst_cases(expressions: ArrayLike, answered: ArrayLike, refused: ArrayLike, topics: ArrayLike) -> WorstCases:
    """Bounds of every rate; ``expressions`` (Q, K, L, d) bool, the rest as in ``refusal_measurements``.

    Questions weigh alike, also those on which a model refused every time. Source: Manski (1989), J. Human Resources
    24; the interval covers the whole identified set (Horowitz and Manski 2000, JASA 95).
    """
    given, declined, asked = _checked(answered, refused)
    expressed: Bools = np.asarray(expressions, dtype=bool)
    if expressed.shape[:-1] != given.shape:
        raise ValueError(f"expressions {expressed.shape} must be (Q, K, L, d) with answered {given.shape} (Q, K, L)")
    counts = (expressed & given[..., None]).sum(axis=-2)
    unknown = declined.sum(axis=-1)[..., None]
    labels, total = np.asarray(topics), asked.sum(axis=0)[:, None]
    least = clustered_means(_share(counts, asked[..., None]), labels)
    most = clustered_means(_share(counts + unknown, asked[..., None]), labels)
    return WorstCases(least.mean, most.mean, rate_interval(least, total)[0], rate_interval(most, total)[1])


def _checked(answered: ArrayLike, refused: ArrayLike) -> tuple[Bools, Bools, Ints]:
    """Both as bools (Q, K, L), and how many were asked (Q, K)."""
    given: Bools = np.asarray(answered, dtype=bool)
    declined: Bools = np.asarray(refused, dtype=bool)
    if given.ndim != 3 or given.shape != declined.shape:
        raise ValueError(f"answered {given.shape} and refused {declined.shape} must both be (Q, K, L)")
    if np.any(given & declined):
        raise ValueError("an answer cannot be both answered and refused")
    return given, declined, (given | declined).sum(axis=-1)


def _share(counts: Ints, asked: Ints) -> Floats:
    return np.asarray(np.divide(counts, asked, out=np.full(counts.shape, np.nan), where=asked > 0))
