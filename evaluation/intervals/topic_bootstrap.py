"""Resampling whole topics: the unit of every interval of an average over questions (METHOD.md section 2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...domain.evidence import FEWEST_TOPICS_FOR_AN_INTERVAL
from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints
from .averages import ROUNDING
from .wilson import NO_SPREAD, widen_to_estimate

DRAWS = 1000
"""Topic bootstrap draws behind an interval."""


@dataclass(frozen=True)
class TopicDraws:
    """Bootstrap draws of topics.

    cluster   (Q,) index of each question's topic, topics in the order of their sorted labels
    topics    C, how many there are
    weights   (B, C) how often each topic stands in each draw; None without draws, or with fewer than
              ``FEWEST_TOPICS_FOR_AN_INTERVAL`` topics
    """

    cluster: Ints
    topics: int
    weights: Floats | None


def draw_topics(topics: ArrayLike, rng: np.random.Generator, draws: int = DRAWS) -> TopicDraws:
    """``draws`` resamples of the topics with labels ``topics`` (Q,).

    They depend on the set of labels and on ``rng``, not on the order of the questions. Raises ValueError without a
    question.
    """
    labels = np.asarray(topics)
    if labels.ndim != 1 or not len(labels):
        raise ValueError(f"topics {labels.shape} must be (Q,) with Q at least 1")
    cluster = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    count = int(cluster.max()) + 1
    weights = None
    if count >= FEWEST_TOPICS_FOR_AN_INTERVAL and draws > 0:
        weights = rng.multinomial(count, np.full(count, 1.0 / count), size=draws).astype(np.float64)
    return TopicDraws(cluster, count, weights)


def topic_sums(values: Floats, drawn: TopicDraws) -> Floats:
    """Sums (C, ...) over each topic's questions of ``values`` (Q, ...), which has no gaps."""
    order = np.argsort(drawn.cluster, kind="stable")
    starts = np.searchsorted(drawn.cluster[order], np.arange(drawn.topics))
    return np.asarray(np.add.reduceat(values[order], starts, axis=0))


def percentile_interval(draws: Floats, estimate: ArrayLike) -> Floats:
    """95 % percentile interval (..., 2) of ``estimate`` (...) over the first axis of its ``draws`` (B, ...).

    NaN draws are left out; NaN where fewer than half of the draws are left, and where no draw differs from another:
    then nothing is known of how topics differ. It always holds the estimate (``intervals.including``).
    """
    flat = draws.reshape(len(draws), -1)
    enough: Bools = (~np.isnan(flat)).sum(axis=0) * 2 >= max(len(flat), 1)
    interval = np.full((flat.shape[1], 2), np.nan)
    if enough.any():
        usable = flat[:, enough]
        varies = np.nanmax(usable, axis=0) - np.nanmin(usable, axis=0) > NO_SPREAD
        ends = np.where(varies, np.nanquantile(usable, [0.025, 0.975], axis=0), np.nan)
        interval[enough] = np.stack(widen_to_estimate(np.ravel(estimate)[enough], *ends), axis=-1)
    return interval.reshape(*draws.shape[1:], 2)


def bootstrap_t_intervals(values: Floats, drawn: TopicDraws) -> tuple[Floats, Floats]:
    """Means (m,) over questions of ``values`` (Q, m) and their 95 % bootstrap-t intervals (m, 2).

    ``averages.average`` for many columns with gaps of their own: NaN is missing and left out. Intervals are NaN where
    that has none: with fewer than ``FEWEST_TOPICS_FOR_AN_INTERVAL`` topics (in all, or with a score in that column),
    and where no topic differs from another. Means are NaN without any score.
    """
    known = ~np.isnan(values)
    sums = topic_sums(np.where(known, values, 0.0), drawn)
    sizes = topic_sums(known.astype(np.float64), drawn)
    means, errors = _means_and_errors(sums, sizes, np.ones((1, drawn.topics)))
    mean, error = means[0], errors[0]
    intervals = np.full((values.shape[1], 2), np.nan)
    if drawn.weights is None:
        return mean, intervals
    drawn_means, drawn_errors = _means_and_errors(sums, sizes, drawn.weights)
    for column in np.flatnonzero((sizes > 0).sum(axis=0) >= FEWEST_TOPICS_FOR_AN_INTERVAL):
        if error[column] <= max(NO_SPREAD, ROUNDING * abs(mean[column])):
            continue
        # A resample of (nearly) one topic alone has no spread to divide by.
        usable = drawn_errors[:, column] > 1e-3 * error[column]
        pivots = (drawn_means[usable, column] - mean[column]) / drawn_errors[usable, column]
        low, high = np.quantile(pivots, [0.025, 0.975])
        ends = mean[column] - high * error[column], mean[column] - low * error[column]
        intervals[column] = widen_to_estimate(mean[column], *ends)
    return mean, intervals


def _means_and_errors(sums: Floats, sizes: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Means (B, m) and cluster-robust errors when topic c counts ``weights`` (B, C); ``sums``, ``sizes`` (C, m)."""
    topics, number = weights @ (sizes > 0), weights @ sizes
    mean = np.divide(weights @ sums, number, out=np.full(number.shape, np.nan), where=number > 0)
    squares = weights @ sums**2 - 2 * mean * (weights @ (sums * sizes)) + mean**2 * (weights @ sizes**2)
    correction = np.divide(topics, topics - 1, out=np.full(topics.shape, np.nan), where=topics > 1)
    errors = np.sqrt(np.maximum(squares, 0.0) * correction)
    return mean, np.divide(errors, number, out=np.full(number.shape, np.nan), where=number > 0)
