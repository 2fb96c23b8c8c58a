"""Paired differences between respondents over the same questions, topics as clusters (METHOD.md section 5)."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from ..evaluation.intervals.multiplicity import q_values

Floats = NDArray[np.float64]


def contrast_p_values(first: Floats, second: Floats, topics: NDArray[np.int64]) -> Floats:
    """(V,) two-sided p-values of the mean difference of paired (Q, V) numbers; NaN pairs count as no difference known.

    Cluster-robust t by topic with the small-sample correction. 1 where nothing differs anywhere.
    """
    difference = first - second
    present = ~np.isnan(difference)
    number = np.maximum(present.sum(axis=0), 1)
    filled = np.where(present, difference, 0.0)
    mean = filled.sum(axis=0) / number
    cluster = np.unique(topics, return_inverse=True)[1]
    count = int(cluster.max()) + 1
    sums = np.zeros((count, difference.shape[1]))
    np.add.at(sums, cluster, np.where(present, difference - mean, 0.0))
    error = np.sqrt(np.square(sums).sum(axis=0) * count / max(count - 1, 1)) / number
    t = np.divide(np.abs(mean), error, out=np.zeros_like(mean), where=error > 0)
    return np.asarray(2.0 * stdtr(count - 1, -t))


def differing(rates: Floats, topics: NDArray[np.int64]) -> int:
    """How many (pair, value) contrasts survive at a false discovery rate of 5 %; ``rates`` (Q, K, d)."""
    pairs = combinations(range(rates.shape[1]), 2)
    p = [contrast_p_values(rates[:, a], rates[:, b], topics) for a, b in pairs]
    return int((q_values(np.concatenate(p)) <= 0.05).sum())
