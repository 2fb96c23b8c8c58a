"""What a comparison can show: the least difference it would find, and how many questions a difference needs.

Both are about a difference chosen beforehand, never the observed one: power at the observed difference only repeats
the p-value (Hoenig and Heisey 2001, The American Statistician 55).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import nctdtrinc, stdtrit

from ..divergence.entropy import Floats

POWER = 0.8
"""How often a true difference should be found."""

_HALVINGS = 45
_INVERSES: Floats = np.linspace(0.0, 1.0, 33)
_MOST_GROWTH = 1e9


def detectable_difference(
    standard_error: ArrayLike, degrees: ArrayLike, *, level: float = 0.05, power: float = POWER
) -> Floats:
    """The least true difference that a two-sided t test at ``level`` finds with probability ``power``; NaN stays NaN.

    ``standard_error`` and ``degrees`` of any shapes that broadcast. The least non-centrality at which the non-central
    t passes the critical value with probability ``power``, times the standard error.
    """
    _check(level, power)
    error = np.asarray(standard_error, dtype=np.float64)
    return np.asarray(_noncentrality(np.asarray(degrees, dtype=np.float64), level, power) * error)


def questions_needed(
    difference: float,
    standard_error: ArrayLike,
    degrees: ArrayLike,
    questions: ArrayLike,
    *,
    level: float = 0.05,
    power: float = POWER,
) -> Floats:
    """Questions in all, whole numbers, with which a true ``difference`` > 0 would be found with probability ``power``.

    The error at ``questions`` questions shrinks with their root, and the degrees grow with them, when questions are
    added in *new* topics, as many a topic as now; more questions in the old topics buy less. Shapes broadcast; NaN
    stays NaN.
    """
    _check(level, power)
    if difference <= 0:
        raise ValueError(f"difference must be above 0, not {difference}")
    error = np.asarray(standard_error, dtype=np.float64)
    freedom = np.asarray(degrees, dtype=np.float64)
    present = np.asarray(questions, dtype=np.float64)
    # More questions, smaller critical value: one growth fits itself. Bisection finds it; substitution may swing.
    shape = np.broadcast_shapes(error.shape, freedom.shape, present.shape)
    low = np.full(shape, 1.0 / _MOST_GROWTH)
    high = np.full(shape, _MOST_GROWTH)
    for _ in range(_HALVINGS):
        growth = np.sqrt(low * high)
        enough = np.square(_noncentrality(freedom * growth, level, power) * error / difference) <= growth
        low = np.where(enough, low, growth)
        high = np.where(enough, growth, high)
    known = ~np.isnan(error + freedom)
    return np.asarray(np.where(known, np.ceil(present * high - 1e-6), np.nan))


def _noncentrality(degrees: Floats, level: float, power: float) -> Floats:
    freedom = np.maximum(degrees, 1.0)
    return np.asarray(_shifted(freedom, level, power) * np.interp(1.0 / freedom, _INVERSES, _ratios(level, power)))


def _shifted(degrees: Floats, level: float, power: float) -> Floats:
    """The non-centrality if the non-central t were a central one, shifted: right for many degrees only."""
    return np.asarray(stdtrit(degrees, 1 - level / 2) + stdtrit(degrees, power))


@lru_cache(maxsize=256)
def _ratios(level: float, power: float) -> Floats:
    """True over shifted non-centrality at the degrees 1 / ``_INVERSES``.

    Inverting the non-central t takes up to 30 ms a number; this ratio is smooth, and interpolating it right to 0.05 %.
    """
    few = 1.0 / _INVERSES[1:]
    exact = nctdtrinc(few, 1 - power, stdtrit(few, 1 - level / 2))
    table = np.concatenate(([1.0], exact / _shifted(few, level, power)))
    table.setflags(write=False)
    return table


def _check(level: float, power: float) -> None:
    if not (0 < level < 1 and 0 < power < 1):
        raise ValueError(f"level {level} and power {power} must lie in (0, 1)")
