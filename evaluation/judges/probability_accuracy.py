"""How a judge's probabilities stand to people's labels, and whether they correct a rate better than its labels do."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import stdtrit

from ...domain.judge_accuracy import RATE_ANSWERS, Figure, ProbabilityAccuracy
from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints


def probability_accuracy(
    truth: Bools, labelled: Bools, probabilities: Floats, cluster: Ints, weights: Floats
) -> ProbabilityAccuracy | None:
    """One value's figures; all arguments (N,), ``weights`` above 0. None without rows of both kinds.

    A separation has no interval where the rows of either kind are from one cluster.
    """
    if truth.all() or not truth.any():
        return None
    (present, of_present), (absent, of_absent) = (
        _clustered_mean(probabilities[kind], cluster[kind], weights[kind]) for kind in (truth, ~truth)
    )
    interval = None
    clusters = min(len(np.unique(cluster[kind])) for kind in (truth, ~truth))
    if clusters > 1:
        half = float(stdtrit(clusters - 1, 0.975)) * math.sqrt(of_present + of_absent)
        interval = (present - absent - half, present - absent + half)
    return ProbabilityAccuracy(
        present=present,
        absent=absent,
        variances=(of_present, of_absent),
        separation=Figure(estimate=present - absent, interval=interval),
        label_error=_corrected_error(truth, labelled.astype(np.float64), cluster, weights),
        error=_corrected_error(truth, probabilities, cluster, weights),
    )


def _corrected_error(truth: Bools, marks: Floats, cluster: Ints, weights: Floats) -> float | None:
    """The standard error of the corrected mean of ``marks`` over ``RATE_ANSWERS`` answers like these rows.

    What ``rate_correction.corrected_rate`` says of independent answers, r being the share of rows with the value. None
    where rows with the value do not have the higher mean.
    """
    (present, of_present), (absent, of_absent) = (
        _clustered_mean(marks[kind], cluster[kind], weights[kind]) for kind in (truth, ~truth)
    )
    if present <= absent:
        return None
    rate = float(np.average(truth, weights=weights))
    spread = float(np.average(np.square(marks - np.average(marks, weights=weights)), weights=weights))
    variance = spread / RATE_ANSWERS + rate**2 * of_present + (1 - rate) ** 2 * of_absent
    return math.sqrt(variance) / (present - absent)


def _clustered_mean(marks: Floats, cluster: Ints, weights: Floats) -> tuple[float, float]:
    """The weighted mean and its cluster-robust variance; that of independent rows where there is one cluster."""
    mean = float(np.average(marks, weights=weights))
    members = np.unique(cluster, return_inverse=True)[1]
    count = int(members.max()) + 1
    if count == 1:
        members, count = np.arange(len(marks)), len(marks)
    residuals = np.bincount(members, weights=weights * (marks - mean))
    return mean, float(np.square(residuals).sum()) * count / max(1, count - 1) / float(weights.sum()) ** 2
