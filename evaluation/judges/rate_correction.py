"""What a judge of known errors must have seen: corrected rates and quadratic divergence (METHOD.md section 4)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ...domain.judge_accuracy import Figure, ValueAccuracy

_Z = 1.96


def corrected_rate(observed: Figure, accuracy: ValueAccuracy) -> Figure | None:
    """The Rogan-Gladen rate ``(p + specificity - 1) / J`` of an observed rate p; None where the judge cannot measure.

    The interval carries the uncertainty of p, sensitivity and specificity (delta method, the three independent):
    ``var = (var_p + r^2 var_sensitivity + (1 - r)^2 var_specificity) / J^2``. Estimate and interval are cut to [0, 1].
    No interval where the observed rate has none.
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
        interval = (_cut(rate - half), _cut(rate + half))
    return Figure(estimate=_cut(rate), interval=interval)


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
