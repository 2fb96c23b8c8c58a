"""Averages over questions, and differences of two, with topics as the unit (METHOD.md section 2).

Questions of one topic resemble each other, so whole topics are resampled, or stand as clusters. Divergences have a
heavy right tail: for a mean, a studentised bootstrap (bootstrap-t) covered best, BCa and a cluster-robust t too often
ended below the truth. In a difference the tails largely cancel, and the cluster-robust t covered best and was narrower.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from ...domain.evidence import FEWEST_TOPICS_FOR_AN_INTERVAL
from ..divergence.entropy import Floats
from ..divergence.expressions import Ints
from .wilson import NO_SPREAD, widen_to_estimate

AVERAGE_DRAWS = 1999
"""Resamples of the topics behind an interval."""

ROUNDING = 1e-7
"""An error below this share of its mean is what cancellation leaves of 0."""


@dataclass(frozen=True)
class Average:
    """A mean over questions, or a difference of two such means.

    interval        95 %, topics as the unit; None with fewer than ``FEWEST_TOPICS_FOR_AN_INTERVAL`` topics (in either
                    group), and where no topic differs from another: then nothing is known of how topics differ
    standard_error  cluster-robust by topic; NaN with one topic
    questions       how many were averaged
    topics          distinct topics behind them
    """

    mean: float
    interval: tuple[float, float] | None
    standard_error: float
    questions: int
    topics: int


def average(scores: ArrayLike, topics: ArrayLike, rng: np.random.Generator) -> Average:
    """Mean of ``scores`` (Q,), every question weighing alike; ``topics`` (Q,) labels of any kind.

    NaN scores are missing and left out. Raises ValueError when none is left.
    """
    values, labels = _present(scores, topics)
    cluster = np.unique(labels, return_inverse=True)[1]
    count = int(cluster.max()) + 1
    weights = _resamples(count, rng)
    sums, sizes = _per_topic(values, cluster, count)
    means, errors = _means_and_errors(sums, sizes, np.ones((1, count)))
    mean, error = float(means[0]), float(errors[0])
    interval = None if weights is None else _bootstrap_t(mean, error, *_means_and_errors(sums, sizes, weights))
    return Average(mean, interval, error, len(values), count)


def average_difference(
    scores: ArrayLike, topics: ArrayLike, other_scores: ArrayLike, other_topics: ArrayLike
) -> Average:
    """Mean of ``scores`` minus mean of ``other_scores`` (grown questions against seeds, say).

    A label that stands in both groups is one topic, so what it adds to both means cancels. Cluster-robust t interval,
    the degrees of freedom one less than the topics of the smaller group. NaN scores are missing and left out. Raises
    ValueError when a group is empty.
    """
    values, labels = _present(scores, topics)
    other_values, other_labels = _present(other_scores, other_topics)
    cluster = np.unique(np.concatenate([labels, other_labels]), return_inverse=True)[1]
    mine, others = cluster[: len(values)], cluster[len(values) :]
    count = int(cluster.max()) + 1
    sums, sizes = _per_topic(values, mine, count)
    other_sums, other_sizes = _per_topic(other_values, others, count)
    mean, other_mean = float(values.mean()), float(other_values.mean())
    influence = (sums - mean * sizes) / len(values) - (other_sums - other_mean * other_sizes) / len(other_values)
    error = float(np.sqrt(np.square(influence).sum() * count / (count - 1))) if count > 1 else float("nan")
    smaller = min(np.count_nonzero(sizes), np.count_nonzero(other_sizes))
    difference, interval = mean - other_mean, None
    if smaller >= FEWEST_TOPICS_FOR_AN_INTERVAL and error > NO_SPREAD:
        half = float(stdtrit(smaller - 1, 0.975)) * error
        interval = (difference - half, difference + half)
    return Average(difference, interval, error, len(values) + len(other_values), count)


def _resamples(topics: int, rng: np.random.Generator) -> Floats | None:
    """(B, C) how often each topic stands in each resample; None with too few topics."""
    if topics < FEWEST_TOPICS_FOR_AN_INTERVAL:
        return None
    return rng.multinomial(topics, np.full(topics, 1.0 / topics), size=AVERAGE_DRAWS).astype(np.float64)


def _present(scores: ArrayLike, topics: ArrayLike) -> tuple[Floats, NDArray[np.generic]]:
    values = np.asarray(scores, dtype=np.float64)
    labels = np.asarray(topics)
    if values.ndim != 1 or labels.shape != values.shape:
        raise ValueError(f"scores {values.shape} and topics {labels.shape} must both be (Q,)")
    present = ~np.isnan(values)
    if not present.any():
        raise ValueError("no question has a score to average")
    return values[present], labels[present]


def _per_topic(values: Floats, cluster: Ints, topics: int) -> tuple[Floats, Floats]:
    """Sum and number of the scores of each topic, both (C,)."""
    sums = np.bincount(cluster, weights=values, minlength=topics).astype(np.float64)
    return sums, np.bincount(cluster, minlength=topics).astype(np.float64)


def _means_and_errors(sums: Floats, sizes: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean score and its cluster-robust standard error when each topic counts ``weights`` (B, C) times."""
    topics = weights.sum(axis=1)
    number = weights @ sizes
    mean = (weights @ sums) / number
    squares = weights @ sums**2 - 2 * mean * (weights @ (sums * sizes)) + mean**2 * (weights @ sizes**2)
    correction = np.divide(topics, topics - 1, out=np.full(len(topics), np.nan), where=topics > 1)
    return mean, np.sqrt(np.maximum(squares, 0.0) * correction) / number


def _bootstrap_t(mean: float, error: float, means: Floats, errors: Floats) -> tuple[float, float] | None:
    if error <= max(NO_SPREAD, ROUNDING * abs(mean)):
        return None
    # A resample of (nearly) one topic alone has no spread to divide by.
    usable = errors > 1e-3 * error
    low, high = np.quantile((means[usable] - mean) / errors[usable], [0.025, 0.975])
    ends = widen_to_estimate(mean, mean - high * error, mean - low * error)
    return float(ends[0]), float(ends[1])
