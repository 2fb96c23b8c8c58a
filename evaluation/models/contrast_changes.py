"""How far a contrast between two models has changed from one evaluation to another.

That a contrast is significant in one evaluation and not in the other does not show that it has changed (Gelman and
Stern 2006, The American Statistician 60(4)): the change itself is what is tested here, and q-values are over all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints
from ..intervals.clustered_means import clustered_means
from ..intervals.multiplicity import q_values
from ..intervals.wilson import NO_SPREAD
from .contrasts import LEVEL, Contrasts
from .measurements import Measurements


@dataclass(frozen=True)
class ContrastChanges:
    """Second minus first, of P pairs and d values; all arrays are (P, d).

    change     of the difference of rates, in [-2, 2]; NaN where it is not known on either side
    low, high  95 % interval; NaN where one of the two has none
    p_value    two-sided; NaN (not tested) without an interval, and where no question shows any change
    q_value    over all of them that were tested
    """

    change: Floats
    low: Floats
    high: Floats
    p_value: Floats
    q_value: Floats

    @property
    def significant(self) -> Bools:
        """Where a change is shown: q <= ``contrasts.LEVEL`` and an interval without 0."""
        return np.asarray((self.q_value <= LEVEL) & ((self.low > 0) | (self.high < 0)))


def paired_changes(first: Measurements, second: Measurements, pairs: Ints) -> ContrastChanges:
    """Changes on the same questions: row q, model k and value v are the same in both. ``pairs`` (P, 2) of models.

    Each question gives one change, as far as both models answered it both times; topics are the unit.
    """
    one, other = pairs[:, 0], pairs[:, 1]
    changes = [each.rates[:, one] - each.rates[:, other] for each in (first, second)]
    means = clustered_means(changes[1] - changes[0], first.topics)
    quantile = means.quantile()
    constant = means.standard_error <= NO_SPREAD
    # As in ``contrasts``: where nothing varies each topic counts as one comparison; a change has twice the range.
    half = np.where(constant, 2 * quantile**2 / (means.topics + quantile**2), quantile * means.standard_error)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2.0 * stdtr(means.degrees, -np.abs(means.mean) * quantile / half)
    p = np.where(constant & (means.mean == 0), np.nan, p)
    return _changes(means.mean, np.maximum(means.mean - half, -2.0), np.minimum(means.mean + half, 2.0), p)


def independent_changes(first: Contrasts, second: Contrasts) -> ContrastChanges:
    """Changes between evaluations on questions of their own; both have the same pairs and values.

    The interval combines the two (MOVER: Zou and Donner 2008), the test has Satterthwaite's degrees of freedom. Where
    some questions are the same in both, both are too wide: less is shown, never more.
    """
    one, other = first.differences, second.differences
    change = other.difference - one.difference
    low = change - np.hypot(other.difference - other.low, one.high - one.difference)
    high = change + np.hypot(other.high - other.difference, one.difference - one.low)
    variances = np.square(one.planning_error), np.square(other.planning_error)
    total = variances[0] + variances[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        degrees = total**2 / (variances[0] ** 2 / one.degrees + variances[1] ** 2 / other.degrees)
        p = np.where(total > NO_SPREAD**2, 2.0 * stdtr(degrees, -np.abs(change) / np.sqrt(total)), np.nan)
    return _changes(change, low, high, p)


def _changes(change: Floats, low: Floats, high: Floats, p_value: Floats) -> ContrastChanges:
    p = np.where(np.isnan(low), np.nan, p_value)
    return ContrastChanges(change, np.asarray(low), np.asarray(high), p, q_values(p))
