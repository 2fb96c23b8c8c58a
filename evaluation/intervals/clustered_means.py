"""Means over questions with topics as clusters, for many columns at once: errors, degrees of freedom, intervals.

The standard error is bias-reduced (CR2), the degrees of freedom are Satterthwaite's under a working model with one
correlation within topics. Sources: Bell and McCaffrey (2002), Survey Methodology 28(2); Imbens and Kolesár (2016),
"Robust Standard Errors in Small Samples: Some Practical Advice". For a mean both have closed forms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from ...domain.evidence import FEWEST_TOPICS_FOR_AN_INTERVAL
from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints
from .wilson import NO_SPREAD, effective_size, wilson_interval


@dataclass(frozen=True)
class ClusteredMeans:
    """Means over questions; all arrays have the trailing shape of the scores.

    mean            NaN without any score
    standard_error  cluster-robust by topic (CR2); NaN with fewer than ``FEWEST_TOPICS_FOR_AN_INTERVAL`` topics
    degrees         of freedom of its t distribution, 1 to topics - 1; NaN with the error
    questions, topics   how many stand behind each mean
    """

    mean: Floats
    standard_error: Floats
    degrees: Floats
    questions: Ints
    topics: Ints

    def quantile(self, level: float = 0.95) -> Floats:
        """The two-sided t quantile of each column."""
        return np.asarray(stdtrit(self.degrees, (1 + level) / 2))


def clustered_means(scores: ArrayLike, topics: ArrayLike) -> ClusteredMeans:
    """Mean over questions of every column of ``scores`` (Q, ...); NaN is missing. ``topics`` (Q,) any labels."""
    values = np.asarray(scores, dtype=np.float64)
    labels = np.asarray(topics)
    if values.ndim < 1 or labels.shape != values.shape[:1]:
        raise ValueError(f"topics {labels.shape} must have one label for each row of scores {values.shape}")
    trailing = values.shape[1:]
    flat = values.reshape(len(values), math.prod(trailing))
    cluster = np.unique(labels, return_inverse=True)[1]
    order = np.argsort(cluster, kind="stable")
    starts = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    flat = flat[order]
    present = ~np.isnan(flat)
    whole = bool(present.all())
    filled = flat if whole else np.where(present, flat, 0.0)
    sums = _per_topic(filled, starts)
    if whole:
        sizes = np.broadcast_to(np.diff(starts, append=len(flat)).astype(np.float64)[:, None], sums.shape)
    else:
        sizes = _per_topic(present.astype(np.float64), starts)
    number = sizes.sum(axis=0)
    squares = np.einsum("qc,qc->c", filled, filled)
    count = (sizes > 0).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums.sum(axis=0) / number
        error, degrees = _error_and_degrees(sums - mean * sizes, sizes, number, squares - number * mean**2)
    few = count < FEWEST_TOPICS_FOR_AN_INTERVAL
    error = np.where(few, np.nan, error)
    degrees = np.where(few, np.nan, np.clip(degrees, 1.0, count - 1.0))
    return ClusteredMeans(
        mean.reshape(trailing),
        error.reshape(trailing),
        degrees.reshape(trailing),
        number.astype(np.int64).reshape(trailing),
        count.reshape(trailing),
    )


def rate_interval(means: ClusteredMeans, answers: ArrayLike) -> tuple[Floats, Floats]:
    """95 % interval of rates in [0, 1]: Wilson's, at the effective sample size that clusters leave, with t quantiles.

    ``answers`` (...) behind each rate bound the effective size ``p (1 - p) / error^2`` from above. Where nothing varies
    nothing is known of the clusters, and each topic counts as one answer: a value never expressed in C topics has the
    interval [0, t^2 / (C + t^2)]. Source: Korn and Graubard (1998), with Wilson's interval instead of the exact one.
    """
    p = np.clip(means.mean, 0.0, 1.0)
    size = effective_size(p, means.standard_error, answers, means.topics)
    return wilson_interval(p, size, means.quantile())


def _per_topic(columns: Floats, starts: Ints) -> Floats:
    """(C, m) sums of the rows of each topic; rows are sorted by topic."""
    if not len(starts):
        return np.zeros((0, columns.shape[1]))
    return np.asarray(np.add.reduceat(columns, starts, axis=0))


def _error_and_degrees(residuals: Floats, sizes: Floats, number: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """CR2 error and degrees of freedom (m,), from each topic's sum of residuals and its size (C, m).

    ``squares`` (m,) is the sum of squared residuals. With h a topic's share of the questions, CR2 weighs its squared
    sum by b = 1 / (1 - h). Degrees are (tr M)^2 / tr M^2, M the covariance of the weighted sums, whose entries
    off the diagonal are - h_g v_h - h_h v_g + h_g h_h V, v being the variance of a topic's sum and V their total.
    """
    topic_squares = np.square(residuals)
    share = sizes / number
    weight = 1.0 / (1.0 - share)
    error = np.sqrt((weight * topic_squares).sum(axis=0)) / number
    pairs = (sizes * (sizes - 1.0)).sum(axis=0)
    variance = np.maximum(squares / number, 0.0)
    known: Bools = (pairs > 0) & (variance > NO_SPREAD)
    covariance = np.divide(topic_squares.sum(axis=0) - squares, pairs, out=np.zeros_like(pairs), where=known)
    correlation = np.clip(np.divide(covariance, variance, out=np.zeros_like(pairs), where=known), 0.0, 1.0)
    spread = sizes * (1.0 + correlation * (sizes - 1.0))
    total = spread.sum(axis=0)
    off = (share**2 * total - 2 * share * spread) * weight
    diagonal = spread * weight + off
    a = (weight * share**2).sum(0)
    d = (weight * spread**2).sum(0)
    e = (weight * share * spread).sum(0)
    all_off = 2 * a * d + 2 * e**2 - 4 * total * a * e + (total * a) ** 2
    trace_of_square = all_off - np.square(off).sum(axis=0) + np.square(diagonal).sum(axis=0)
    return error, np.square(diagonal.sum(axis=0)) / trace_of_square
