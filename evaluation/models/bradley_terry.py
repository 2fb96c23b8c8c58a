"""Relative strength: for each value a Bradley–Terry model of which model expresses it where another does not.

Source: METHOD.md section 5. The fit is the fixed point of Newman (2023), "Efficient Computation of Rankings from
Pairwise Comparisons", JMLR 24(238), which reaches the maximum of Zermelo's (MM) iteration in far fewer sweeps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from ...domain.evidence import FEWEST_TOPICS_FOR_AN_INTERVAL
from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints
from ..intervals.topic_bootstrap import DRAWS, TopicDraws, draw_topics, percentile_interval
from ..intervals.wilson import effective_size, wilson_interval

RIDGE = 0.5
"""Wins, and as many losses, that every model is given against the average opponent (strength 0)."""

LARGEST_LAST_STEP = 1e-6
"""The fit ends when no log-strength moves by more in a sweep."""

SWEEPS = 2000

BLOCK = 2_000_000
"""Numbers in one array of comparisons at most; more are taken in turns."""


@dataclass(frozen=True)
class Strengths:
    """Bradley–Terry strengths of K models on d values, and mean win rates.

    strength           (K, d) log-strengths, centred over the models of a value: a difference of 1 between two models
                       means odds of e to 1 that it is the first that expresses the value where only one does. NaN for a
                       model without any decided comparison: a value that nobody expresses, a model without answers
    win_rate           (K, d) in [0, 1], mean over the other models of the share of decided comparisons won; NaN
                       where strength is
    strength_interval  (K, d, 2) 95 %, percentiles of a topic bootstrap; NaN with fewer than five topics that decide a
                       comparison of the model
    win_rate_interval  (K, d, 2) 95 %, Wilson's at the effective sample size that the same bootstrap's spread leaves;
                       where no draw differs (all won, or none) each topic with a decided comparison counts as one
                       draw. NaN with fewer than five such topics
    decided            (K, d) expected number of comparisons that were no ties
    questions          (K,) questions that the model answered
    missing            (K,) questions that it did not
    topics             distinct topics
    """

    strength: Floats
    strength_interval: Floats
    win_rate: Floats
    win_rate_interval: Floats
    decided: Floats
    questions: Ints
    missing: Ints
    topics: int


def bradley_terry(
    rates: ArrayLike, topics: ArrayLike, rng: np.random.Generator, *, draws: int = DRAWS, ridge: float = RIDGE
) -> Strengths:
    """Strengths from ``rates`` (Q, K, d), the share of a model's answers that express a value; ``topics`` (Q,) labels.

    Wins are ``w_ij = sum_x p_i (1 - p_j)`` over the questions that both models answered; ties are omitted. A NaN rate
    is missing. The order of the questions does not matter. The interval covers the choice of topics, not the ridge's
    pull towards 0. Raises ValueError when shapes do not fit, without a question, with fewer than two models, or for a
    ridge that is not positive.
    """
    shares = np.asarray(rates, dtype=np.float64)
    if shares.ndim != 3 or shares.shape[1] < 2 or np.shape(topics) != shares.shape[:1]:
        raise ValueError(f"rates {shares.shape} must be (Q, K, d) with K at least 2, topics {np.shape(topics)} (Q,)")
    if ridge <= 0:
        raise ValueError(f"ridge must be positive, not {ridge}: without it an unbeaten model has no finite strength")
    drawn = draw_topics(topics, rng, draws)
    wins, resampled, deciding = _wins(shares, drawn)
    strength, win_rate = _strengths(wins[None], ridge)
    decided = (wins + wins.transpose(0, 2, 1)).sum(axis=2)
    known = decided > 0
    intervals = np.full((2, *known.shape, 2), np.nan)
    if resampled is not None:
        drawn_strengths, drawn_rates = _strengths(resampled, ridge, start=strength[0])
        enough: Bools = known & (deciding >= FEWEST_TOPICS_FOR_AN_INTERVAL)
        intervals[0] = np.where(enough[..., None], percentile_interval(drawn_strengths, strength[0]), np.nan)
        intervals[1] = _win_rate_intervals(win_rate[0], drawn_rates, decided, deciding)
    answered = (~np.isnan(shares).all(axis=2)).sum(axis=0)
    return Strengths(
        strength=strength[0].T,
        strength_interval=intervals[0].transpose(1, 0, 2),
        win_rate=win_rate[0].T,
        win_rate_interval=intervals[1].transpose(1, 0, 2),
        decided=decided.T,
        questions=answered,
        missing=len(shares) - answered,
        topics=drawn.topics,
    )


def mean_win_rate(wins: Floats) -> Floats:
    """(..., K) mean over opponents of the share won, ``wins`` (..., K, K); NaN for a model that met none decidedly."""
    met = wins + np.swapaxes(wins, -1, -2)
    shares = np.divide(wins, met, out=np.zeros(wins.shape), where=met > 0)
    opponents = (met > 0).sum(axis=-1)
    rate: Floats = np.divide(shares.sum(axis=-1), opponents, out=np.full(opponents.shape, np.nan), where=opponents > 0)
    return rate


def _win_rate_intervals(rates: Floats, draws: Floats, decided: Floats, topics: Ints) -> Floats:
    """(d, K, 2) from win rates (d, K), their draws (B, d, K), the decided comparisons and the topics with any (d, K).

    A bootstrap's percentiles are a point where a model won everything, and too narrow near it: no more than the decided
    comparisons can have been independent.
    """
    known = ~np.isnan(draws)
    number = known.sum(axis=0)
    filled = np.where(known, draws, 0.0)
    mean = np.divide(filled.sum(axis=0), number, out=np.full(rates.shape, np.nan), where=number > 1)
    squares = np.square(np.where(known, draws - mean, 0.0)).sum(axis=0)
    variance = np.divide(squares, number - 1, out=np.full(rates.shape, np.nan), where=number > 1)
    freedom = np.maximum(topics - 1.0, 1.0)
    # A bootstrap's variance is that of a population of these topics, too small by this factor.
    size = effective_size(rates, np.sqrt(variance * topics / freedom), np.maximum(decided, topics), topics)
    quantile = stdtrit(freedom, 0.975)
    ends = np.stack(wilson_interval(rates, size, quantile), axis=-1)
    enough: Bools = topics >= FEWEST_TOPICS_FOR_AN_INTERVAL
    return np.where(enough[..., None], ends, np.nan)


def _wins(shares: Floats, drawn: TopicDraws) -> tuple[Floats, Floats | None, Ints]:
    """Wins (d, K, K), those of each draw of topics (B, d, K, K), and topics that decide anything (d, K).

    In blocks of topics to bound the memory.
    """
    models, values = shares.shape[1:]
    order = np.argsort(drawn.cluster, kind="stable")
    cluster = drawn.cluster[order]
    by_value = shares[order].transpose(0, 2, 1)
    present = ~np.isnan(by_value)
    won = np.where(present, by_value, 0.0)
    lost = np.where(present, 1.0 - by_value, 0.0)
    size = models * models * values
    total = np.zeros(size)
    resampled = None if drawn.weights is None else np.zeros((len(drawn.weights), size))
    shape = (values, models, models)
    own = ~np.eye(models, dtype=bool)
    deciding = np.zeros((values, models), dtype=np.int64)
    ends = np.searchsorted(cluster, np.arange(drawn.topics), side="right")
    first = 0
    while first < drawn.topics:
        start = 0 if first == 0 else ends[first - 1]
        last = max(first + 1, int(np.searchsorted(ends, start + BLOCK // size, side="right")))
        rows = slice(start, ends[last - 1])
        outer = won[rows, :, :, None] * lost[rows, :, None, :]
        starts = np.concatenate(([0], ends[first : last - 1] - start))
        per_topic = np.add.reduceat(outer.reshape(-1, size), starts, axis=0)
        total += per_topic.sum(axis=0)
        won_there = per_topic.reshape(-1, *shape) * own
        deciding += ((won_there.sum(axis=-1) + won_there.sum(axis=-2)) > 0).sum(axis=0)
        if resampled is not None and drawn.weights is not None:
            resampled += drawn.weights[:, first:last] @ per_topic
        first = last
    draws = None if resampled is None else resampled.reshape(-1, *shape) * own
    return total.reshape(shape) * own, draws, deciding


def _strengths(wins: Floats, ridge: float, start: Floats | None = None) -> tuple[Floats, Floats]:
    """Centred log-strengths and mean win rates, both (B, d, K), NaN without a decided comparison."""
    met = (wins + np.swapaxes(wins, -1, -2)).sum(axis=-1) > 0
    strength = np.where(met, _fit(wins, ridge, start), np.nan)
    known = met.sum(axis=-1, keepdims=True)
    centre = np.divide(np.nansum(strength, axis=-1, keepdims=True), known, out=np.zeros(known.shape), where=known > 0)
    return strength - centre, mean_win_rate(wins)


def _fit(wins: Floats, ridge: float, start: Floats | None) -> Floats:
    """Log-strengths (..., K), not centred, of ``wins`` (..., K, K); ``start`` (d, K) where the sweeps begin.

    One model after the other, as the iteration's proof of convergence asks: all at once two models would swap for ever.
    """
    models = wins.shape[-1]
    # Problems last: each step then runs along contiguous memory.
    problems = np.ascontiguousarray(wins.reshape(-1, models, models).transpose(1, 2, 0))
    begin = np.zeros(wins.shape[:-1]) if start is None else np.broadcast_to(np.nan_to_num(start), wins.shape[:-1])
    odds = np.exp(begin.reshape(-1, models).T)
    result = odds.copy()
    active: Ints = np.arange(problems.shape[2])
    for _ in range(SWEEPS):
        before = odds.copy()
        for model in range(models):
            meetings = 1.0 / (odds[model] + odds)
            pull = ridge / (odds[model] + 1.0)
            gained = pull + (problems[model] * odds * meetings).sum(axis=0)
            odds[model] = gained / (pull + (problems[:, model] * meetings).sum(axis=0))
        # Only the weak ridge holds the common level, which the sweep alone would move by a crawl: one Newton step.
        against = odds / (odds + 1.0)
        step = (0.5 - against).sum(axis=0) / (against * (1.0 - against)).sum(axis=0)
        odds *= np.exp(np.clip(step, -1.0, 1.0))
        result[:, active] = odds
        moving = np.abs(np.log(odds / before)).max(axis=0, initial=0.0) > LARGEST_LAST_STEP
        if not moving.any():
            break
        if not moving.all():
            active = active[moving]
            odds = odds[:, moving]
            problems = problems[:, :, moving]
    return np.log(result).T.reshape(wins.shape[:-1])
