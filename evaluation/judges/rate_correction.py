"""What a judge of known errors must have seen: rates, their differences, quadratic divergence (METHOD.md section 4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ...domain.judge_accuracy import Figure, ValueAccuracy
from ..divergence.entropy import Floats
from ..models.contrasts import PairedDifferences

_Z = 1.96


def corrected_rate(observed: Figure, accuracy: ValueAccuracy) -> Figure | None:
    """The Rogan-Gladen rate ``(p + specificity - 1) / J`` of an observed rate p; None where the judge cannot measure.

    The interval carries the uncertainty of p, sensitivity and specificity (delta method, the three independent):
    ``var = (var_p + r^2 var_sensitivity + (1 - r)^2 var_specificity) / J^2``. Estimate and interval are cut to [0, 1].
    No interval where the observed rate has none; one that lies beyond 0 or 1 altogether keeps half its width there.
    """
    if not accuracy.measurable or accuracy.sensitivity is None or accuracy.specificity is None:
        return None
    youden = accuracy.sensitivity.estimate + accuracy.specificity.estimate - 1
    rate = (observed.estimate + accuracy.specificity.estimate - 1) / youden
    interval = None
    if observed.interval is not None and accuracy.variances is not None:
        of_observed = ((observed.interval[1] - observed.interval[0]) / (2 * _Z)) ** 2
        of_sensitivity, of_specificity = accuracy.variances
        variance = of_observed + rate**2 * of_sensitivity + (1 - rate) ** 2 * of_specificity
        half = _Z * math.sqrt(variance) / youden
        interval = (_cut(min(rate, 1.0) - half), _cut(max(rate, 0.0) + half))
    return Figure(estimate=_cut(rate), interval=interval)


def corrected_differences(observed: PairedDifferences, accuracies: Sequence[ValueAccuracy]) -> PairedDifferences:
    """Differences (P, d) of observed rates divided by J; ``accuracies`` (d,) are of values that the judge can measure.

    A judge that errs alike on both models scales their difference by J: the false alarms cancel. The test is that of
    the observed difference, since J is above 0; the interval carries the uncertainty of J, too. Where errors differ
    between the models this is biased, and nothing in the answers shows it (``error_differences`` does).
    """
    figures = [each.youden for each in accuracies]
    if any(each is None or each.interval is None for each in figures):
        raise ValueError("a value without an interval of J cannot be measured")
    youden = np.array([each.estimate for each in figures if each])
    ends = np.array([each.interval for each in figures if each]).reshape(-1, 2)
    low, high = ratio_interval(observed.difference, observed.low, observed.high, youden, ends[:, 0], ends[:, 1])
    return replace(
        observed,
        difference=_within(observed.difference / youden),
        low=_within(low),
        high=_within(high),
        standard_error=observed.standard_error / youden,
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
