"""What every interval has in common: Wilson's form for shares, and that no estimate lies outside its own interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from ..divergence.entropy import Floats

NO_SPREAD = 1e-12
"""A standard error below this is rounding: the scores do not vary between topics."""


def wilson_interval(share: ArrayLike, size: ArrayLike, quantile: ArrayLike) -> tuple[Floats, Floats]:
    """Lower and upper ends of Wilson's interval of ``share`` in [0, 1] from ``size`` > 0 draws; NaN stays NaN.

    ``quantile`` of the normal distribution, or of t where the variance is estimated. Never a point: the interval of a
    share of 0 ends at the larger of quantile^2 / (size + quantile^2) and 1 - .05^(1 / size). The end that lies towards
    the estimate's own extreme is no nearer than the exact one-sided 95 % bound: Wilson's alone covers 91 % at a rate of
    .01 and 50 draws, since after two successes it leaves out .01. Shapes broadcast. Sources: Wilson (1927), JASA 22;
    the bound as in Brown, Cai and DasGupta (2001), Statistical Science 16(2), section 4.1.
    """
    p = np.asarray(share, dtype=np.float64)
    number = np.asarray(size, dtype=np.float64)
    z = np.square(np.asarray(quantile, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        part = z / number
        centre = (p + part / 2) / (1 + part)
        half = np.sqrt(part * p * (1 - p) + part**2 / 4) / (1 + part)
        low = np.minimum(centre - half, _exact_lower_bound(p, number))
        high = np.maximum(centre + half, 1.0 - _exact_lower_bound(1.0 - p, number))
    return np.clip(low, 0.0, p), np.clip(high, p, 1.0)


def _exact_lower_bound(share: Floats, size: Floats) -> Floats:
    """The rate at which ``share`` or more of ``size`` draws, not necessarily whole numbers, come up once in 20."""
    successes = np.maximum(share, 0.0) * size
    bound = betaincinv(successes, np.maximum(size - successes, 0.0) + 1.0, 0.05)
    return np.where(share > 0, bound, 0.0 * share)


def effective_size(share: ArrayLike, error: ArrayLike, most: ArrayLike, units: ArrayLike) -> Floats:
    """How many independent draws are as good: ``share (1 - share) / error^2``, at most ``most`` (answers).

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
