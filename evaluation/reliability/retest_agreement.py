"""Would regenerated questions rank the models the same? Two benchmarks of the same models beside each other.

Each has questions, and topics, of its own; only the models are the same. What is estimated is how well two benchmarks
of such sizes agree. Both have noise, so that they agree less than either does with the rates over all topics
(attenuation: Spearman 1904, American Journal of Psychology 15). Topics are resampled within each benchmark.

A draw has the noise of the topics twice, and agrees less than the benchmarks do: their percentiles covered 53 to 79 %
(experiments/retest_intervals.py). So the draws give the spread alone, on Fisher's z, about the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ..divergence.entropy import Floats
from ..divergence.expressions import Ints
from ..intervals.topic_bootstrap import TopicDraws, draw_topics, topic_sums
from ..intervals.wilson import NO_SPREAD, widen_to_estimate
from .rank_agreement import profile_agreement, value_agreements


@dataclass(frozen=True)
class Benchmark:
    """One of the two: ``rates`` (Q, K, d) of each question, NaN where a model has no answer; ``topics`` (Q,) labels."""

    rates: Floats
    topics: NDArray[np.generic]


@dataclass(frozen=True)
class RetestAgreement:
    """How well two benchmarks agree on K models and d values; intervals are 95 %, NaN where there is none.

    profiles, profiles_interval   Spearman correlation of the K x d rates, each value's mean over models removed; (2,)
    values, value_intervals       (d,) of the K models' rates on each value; (d, 2)
    same_sign, same_sign_interval   share of the chosen differences with the same sign in both; (2,). NaN without one
    """

    profiles: float
    profiles_interval: Floats
    values: Floats
    value_intervals: Floats
    same_sign: float
    same_sign_interval: Floats


def retest_agreement(
    first: Benchmark, second: Benchmark, differences: Ints, rng: np.random.Generator
) -> RetestAgreement:
    """The agreement of two benchmarks with the same models and values in the same order.

    ``differences`` (n, 3) are those whose signs are compared: model, other model, value. NaN everywhere without values.
    """
    if not first.rates.shape[2]:
        nothing = np.full(2, np.nan)
        return RetestAgreement(np.nan, nothing, np.zeros(0), np.zeros((0, 2)), np.nan, nothing)
    sides = [_side(each, differences, rng) for each in (first, second)]
    topics = min(each.topics for each in sides)
    models, values = sides[0].profile.shape
    # Without an interval on one side there is none of both.
    number = min(len(each.profile_draws) for each in sides)
    profiles, draws = zip(*((each.profile, each.profile_draws[:number]) for each in sides), strict=True)
    agreement, by_value = profile_agreement(*profiles), value_agreements(*profiles)
    same = _same_sign(*(each.differences for each in sides))
    same_draws = _same_sign(*(each.difference_draws[:number] for each in sides))
    # A share s is 2 s - 1 on the scale of a correlation.
    room = 1.0 / max(len(differences), 1)
    return RetestAgreement(
        profiles=float(agreement),
        profiles_interval=_interval(profile_agreement(*draws), agreement, _least_step(models * values), topics),
        values=by_value,
        value_intervals=_interval(value_agreements(*draws), by_value, _least_step(models), topics),
        same_sign=float(same),
        same_sign_interval=(_interval(2 * same_draws - 1, 2 * same - 1, room, topics) + 1) / 2,
    )


@dataclass(frozen=True)
class _Side:
    """Profile (K, d) and differences (n,) of one benchmark, and of B draws of its topics; B may be 0."""

    topics: int
    profile: Floats
    differences: Floats
    profile_draws: Floats
    difference_draws: Floats


def _side(of: Benchmark, differences: Ints, rng: np.random.Generator) -> _Side:
    questions, models, values = of.rates.shape
    one, other, value = differences.T
    both = of.rates[:, one, value] - of.rates[:, other, value]
    columns = np.concatenate([of.rates.reshape(questions, -1), both], axis=1)
    drawn = draw_topics(of.topics, rng)
    means, draws = _means(columns, drawn)
    size = models * values
    return _Side(
        drawn.topics,
        means[:size].reshape(models, values),
        means[size:],
        draws[:, :size].reshape(len(draws), models, values),
        draws[:, size:],
    )


def _means(columns: Floats, drawn: TopicDraws) -> tuple[Floats, Floats]:
    """Means (m,) over the questions of ``columns`` (Q, m), NaN left out, and those of each draw (B, m)."""
    known = ~np.isnan(columns)
    sums = topic_sums(np.where(known, columns, 0.0), drawn)
    sizes = topic_sums(known.astype(np.float64), drawn)
    weights = np.ones((1, drawn.topics))
    if drawn.weights is not None:
        weights = np.concatenate([weights, drawn.weights])
    totals, numbers = weights @ sums, weights @ sizes
    means = np.divide(totals, numbers, out=np.full(totals.shape, np.nan), where=numbers > 0)
    return means[0], means[1:]


def _same_sign(first: Floats, second: Floats) -> Floats:
    """Share (...) of the n differences (..., n) whose signs agree; NaN of none, and where one of them is not known."""
    product = np.sign(first) * np.sign(second)
    if not product.shape[-1]:
        return np.full(product.shape[:-1], np.nan)
    return np.asarray(np.where(np.isnan(product).any(axis=-1), np.nan, (product > 0).mean(axis=-1)))


def _least_step(ranks: int) -> float:
    """Half of what a rank correlation of so many ranks falls short of 1 when two neighbours change places."""
    return 6.0 / (ranks**3 - ranks)


def _interval(draws: Floats, estimate: Floats, room: float, topics: int) -> Floats:
    """(..., 2) the ``estimate`` (...) in [-1, 1] -+ t times the spread of its draws (B, ...), on Fisher's z.

    Ends of the scale, where z is infinite, are taken ``room`` inside. NaN where fewer than half of the draws say
    anything, and where none differs from another.
    """
    shape = np.shape(estimate)
    flat = draws.reshape(len(draws), int(np.prod(shape)))
    enough = (~np.isnan(flat)).sum(axis=0) * 2 >= max(len(flat), 1)
    enough &= ~np.isnan(np.ravel(estimate))
    interval = np.full((flat.shape[1], 2), np.nan)
    if enough.any():
        centre = np.ravel(estimate)[enough]
        spread = np.nanstd(_z(flat[:, enough], room), axis=0)
        half = float(stdtrit(topics - 1, 0.975)) * np.where(spread > NO_SPREAD, spread, np.nan)
        z = _z(centre, room)
        interval[enough] = np.stack(widen_to_estimate(centre, np.tanh(z - half), np.tanh(z + half)), axis=-1)
    return interval.reshape(*shape, 2)


def _z(correlation: Floats, room: float) -> Floats:
    return np.asarray(np.arctanh(np.clip(correlation, room - 1.0, 1.0 - room)))
