"""What a judge of known errors must have seen: rates, their differences, quadratic divergence (METHOD.md section 4).

Rates are means of labels or of calibrated probabilities: both are corrected by their means over labelled texts that
express the value, and over those that do not. Sources: Rogan and Gladen (1978), American Journal of Epidemiology
107(1), for labels; for probabilities Bella, Ferri, Hernández-Orallo and Ramírez-Quintana, "Quantification via
probability estimators" (ICDM 2010), "scaled probability average".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from ...domain.judge_accuracy import Figure, ValueAccuracy
from ..divergence.entropy import Floats
from ..models.contrasts import PairedDifferences

_Z = 1.96


@dataclass(frozen=True)
class Adjustment:
    """What a mean of labels, or of probabilities, is corrected by.

    absent       the mean over texts without the value, in [0, 1]
    separation   the mean over texts with it, less ``absent``: J for labels; above 0, with its interval
    variances    of the mean with the value and of that without it; None: not known, and no rate has an interval
    """

    absent: float
    separation: Figure
    variances: tuple[float, float] | None


def label_adjustment(accuracy: ValueAccuracy) -> Adjustment | None:
    """By sensitivity and specificity; None where the judge cannot measure the value."""
    if not accuracy.measurable or accuracy.specificity is None or accuracy.youden is None:
        return None
    return Adjustment(1 - accuracy.specificity.estimate, accuracy.youden, accuracy.variances)


def probability_adjustment(accuracy: ValueAccuracy) -> Adjustment | None:
    """By the mean probabilities with and without the value; None where the judge cannot measure it, has none, or has
    some that are too little apart to divide by: the interval of the separation must lie above 0 and below twice it.
    """
    known = accuracy.probabilities
    if not accuracy.measurable or known is None or known.separation.interval is None:
        return None
    low, high = known.separation.interval
    separation = known.present - known.absent
    if not 0 < low <= separation <= high < 2 * separation or abs(separation - known.separation.estimate) > 1e-6:
        return None
    return Adjustment(known.absent, known.separation, known.variances)


def corrected_rate(observed: Figure, adjustment: Adjustment) -> Figure:
    """The rate ``r = (p - absent) / separation`` of an observed mean p; Rogan and Gladen's where p is one of labels.

    The interval carries the uncertainty of p and of both means of the labelled texts (delta method, the three
    independent): ``var = (var_p + r^2 var_present + (1 - r)^2 var_absent) / separation^2``. Estimate and interval are
    cut to [0, 1]. No interval where the observed rate has none; one that lies beyond 0 or 1 altogether keeps half its
    width there.
    """
    separation = adjustment.separation.estimate
    rate = (observed.estimate - adjustment.absent) / separation
    interval = None
    if observed.interval is not None and adjustment.variances is not None:
        of_observed = ((observed.interval[1] - observed.interval[0]) / (2 * _Z)) ** 2
        of_present, of_absent = adjustment.variances
        variance = of_observed + rate**2 * of_present + (1 - rate) ** 2 * of_absent
        half = _Z * math.sqrt(variance) / separation
        interval = (_cut(min(rate, 1.0) - half), _cut(max(rate, 0.0) + half))
    return Figure(estimate=_cut(rate), interval=interval)


def corrected_differences(observed: PairedDifferences, separations: Sequence[Figure]) -> PairedDifferences:
    """Differences (P, d) of observed rates divided by the ``separations`` (d,) of their values: by J for labels.

    A judge that errs alike on both models scales their difference so: what it finds in texts without the value cancels.
    The test is that of the observed difference, since separations are above 0; the interval carries their uncertainty,
    too. Where errors differ between the models this is biased, and nothing in the answers shows it
    (``error_differences`` does). Raises ValueError for a separation without an interval.
    """
    if any(each.interval is None for each in separations):
        raise ValueError("a value without an interval of its separation cannot be measured")
    apart = np.array([each.estimate for each in separations])
    ends = np.array([each.interval for each in separations]).reshape(-1, 2)
    low, high = ratio_interval(observed.difference, observed.low, observed.high, apart, ends[:, 0], ends[:, 1])
    return replace(
        observed,
        difference=_within(observed.difference / apart),
        low=_within(low),
        high=_within(high),
        standard_error=observed.standard_error / apart,
    )


def ratio_interval(
    above: ArrayLike, above_low: ArrayLike, above_high: ArrayLike, below: ArrayLike, low: ArrayLike, high: ArrayLike
) -> tuple[Floats, Floats]:
    """The interval of ``above / below`` recovered from those of the two, which are independent; shapes broadcast.

    ``below`` with its ends lies above 0, and ``high`` below twice ``below``. Leaves out 0 exactly where the interval of
    ``above`` does. Source: Donner and Zou (2012), Statistical Methods in Medical Research 21(4), MOVER for a ratio.
    """
    estimate, first, last, divisor, least, most = (
        np.asarray(each, dtype=np.float64) for each in (above, above_low, above_high, below, low, high)
    )
    product = estimate * divisor

    def end(own: Floats, other: Floats, sign: float) -> Floats:
        """``own`` end of the numerator with the ``other`` end of the denominator."""
        inside = product**2 - own * other * (2 * estimate - own) * (2 * divisor - other)
        return np.asarray((product + sign * np.sqrt(np.maximum(inside, 0.0))) / (other * (2 * divisor - other)))

    # The end of the denominator that moves the ratio outwards depends on the sign of the numerator's end.
    lower = end(first, np.where(first < 0, least, most), -1.0)
    upper = end(last, np.where(last > 0, least, most), 1.0)
    return lower, upper


def corrected_quadratic(quadratics: ArrayLike, youden: ArrayLike, measurable: ArrayLike) -> float:
    """Mean over the measurable values of ``G_v / J_v^2``; NaN when there is none. All arguments (d,).

    A judge that errs alike on all models scales each difference of rates by J, and so G_v by J squared.
    """
    usable = np.asarray(measurable, dtype=bool)
    if not usable.any():
        return float("nan")
    return float((np.asarray(quadratics)[usable] / np.square(np.asarray(youden)[usable])).mean())


def _cut(rate: float) -> float:
    return min(1.0, max(0.0, rate))


def _within(difference: Floats) -> Floats:
    return np.asarray(np.clip(difference, -1.0, 1.0))
