"""What every interval has in common: Wilson's form for shares, and that no estimate lies outside its own interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..divergence.entropy import Floats

NO_SPREAD = 1e-12
"""A standard error below this is rounding: the scores do not vary between topics."""


def wilson_interval(share: ArrayLike, size: ArrayLike, quantile: ArrayLike) -> tuple[Floats, Floats]:
    """Lower and upper ends of Wilson's interval of ``share`` in [0, 1] from ``size`` > 0 draws; NaN stays NaN.

    ``quantile`` of the normal distribution, or of t where the variance is estimated. Never a point: a share of 0 has
    [0, quantile^2 / (size + quantile^2)]. Shapes broadcast. Source: Wilson (1927), JASA 22.
    """
    p = np.asarray(share, dtype=np.float64)
    z = np.square(np.asarray(quantile, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        part = z / np.asarray(size, dtype=np.float64)
        centre = (p + part / 2) / (1 + part)
        half = np.sqrt(part * p * (1 - p) + part**2 / 4) / (1 + part)
    return np.clip(centre - half, 0.0, p), np.clip(centre + half, p, 1.0)


def effective_size(share: ArrayLike, error: ArrayLike, most: ArrayLike, units: ArrayLike) -> Floats:
    """How many independent draws are as good: ``share (1 - share) / error^2``, at most ``most`` (answers, comparisons).

    Where the ``error`` is rounding nothing is known of what the clusters share, and each of ``units`` (topics) counts
    as one draw. Source: Korn and Graubard (1998), Survey Methodology 24(2).
    """
    p = np.asarray(share, dtype=np.float64)
    spread = np.asarray(error, dtype=np.float64)
    varies = ~(spread <= NO_SPREAD)
    variance = np.square(np.where(varies, spread, 1.0))
    return np.asarray(np.where(varies, np.minimum(p * (1 - p) / variance, most), units))


def widen_to_estimate(estimate: ArrayLike, low: ArrayLike, high: ArrayLike) -> tuple[Floats, Floats]:
    """The ends moved out to the estimate where it would lie beyond them; NaN stays NaN.

    A bootstrap's percentiles, and its pivots when topics are few, may leave out the very estimate that they are about:
    the draws are biased then, and the wider interval is the honest one.
    """
    middle = np.asarray(estimate, dtype=np.float64)
    return np.minimum(low, middle), np.maximum(high, middle)
