"""Profiles: how often each model expresses each value, with intervals that hold for other topics (METHOD.md section 5).

The intervals are analytic. With 15 to 40 topics a bootstrap of topics, then of questions within topics, covered
66–99 % (least where a rate is low), Wilson's interval at the effective sample size 92–99 %
(experiments/evaluation_statistics.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..divergence.entropy import Floats
from ..divergence.expressions import Ints
from ..intervals.clustered_means import ClusteredMeans, clustered_means, rate_interval
from ..intervals.wilson import NO_SPREAD
from .measurements import Measurements


@dataclass(frozen=True)
class Estimates:
    """Means of K models and d values with 95 % intervals, topics as the unit; all arrays (K, d).

    mean        NaN for a model without answers
    low, high   NaN with fewer than ``FEWEST_TOPICS_FOR_AN_INTERVAL`` topics
    standard_error, degrees   cluster-robust; NaN with the interval
    """

    mean: Floats
    low: Floats
    high: Floats
    standard_error: Floats
    degrees: Floats


@dataclass(frozen=True)
class Profiles:
    """What K models express.

    rates       share of answers that express a value, in [0, 1]
    centred     the same minus the model's mean over values: comparable between models that name few and many values
    questions, topics, answers   (K,) behind a model's figures
    unanswered  (K,) questions on which the model has no answer and which its figures therefore leave out
    """

    rates: Estimates
    centred: Estimates
    questions: Ints
    topics: Ints
    answers: Ints
    unanswered: Ints


def profiles(measured: Measurements) -> Profiles:
    """Rates and centred rates of every model and value."""
    means = clustered_means(measured.rates, measured.topics)
    answers = measured.answers.sum(axis=0)
    low, high = rate_interval(means, measured.most_draws.sum(axis=0)[:, None])
    centred = clustered_means(measured.rates - measured.rates.mean(axis=-1, keepdims=True), measured.topics)
    half = centred.quantile() * centred.standard_error
    # A centred rate that never varies is as uncertain as the rate itself.
    varies = ~(centred.standard_error <= NO_SPREAD)
    return Profiles(
        rates=_estimates(means, low, high),
        centred=_estimates(
            centred,
            centred.mean - np.where(varies, half, means.mean - low),
            centred.mean + np.where(varies, half, high - means.mean),
        ),
        questions=means.questions[:, 0],
        topics=means.topics[:, 0],
        answers=answers,
        unanswered=len(measured.rates) - means.questions[:, 0],
    )


def _estimates(means: ClusteredMeans, low: Floats, high: Floats) -> Estimates:
    return Estimates(means.mean, low, high, means.standard_error, means.degrees)
