"""Relative strength: for each value a Bradley–Terry model of which model expresses it where another does not.

Source: METHOD.md section 5. The fit is the fixed point of Newman (2023), "Efficient Computation of Rankings from
Pairwise Comparisons", JMLR 24(238), which reaches the maximum of Zermelo's (MM) iteration in far fewer sweeps.
Its intervals are cluster-robust by topic (the sandwich of the score equations). Where few comparisons are decided the
sandwich is too sure: a model that never won has scores near 0. Its variance is then that of as many answers, half an
answer added (Gart 1966, J. Royal Statistical Society B 28).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, stdtrit

from ...domain.evidence import FEWEST_TOPICS_FOR_AN_INTERVAL
from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints
from ..intervals.wilson import wilson_interval

RIDGE = 0.5
"""Answers won, and as many lost, that every model is given for each opponent, against one of strength 0."""

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
    strength_interval  (K, d, 2) 95 %, t with one degree of freedom less than topics that decide a comparison of the
                       model; NaN with fewer than ``FEWEST_TOPICS_FOR_AN_INTERVAL`` of them
    win_rate_interval  (K, d, 2) 95 %, Wilson's at the sample size that the strength's error implies; NaN with it
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


def bradley_terry(rates: ArrayLike, topics: ArrayLike, *, answers: ArrayLike = 1, ridge: float = RIDGE) -> Strengths:
    """Strengths from ``rates`` (Q, K, d), the share of a model's answers that express a value; ``topics`` (Q,) labels.

    ``answers`` behind each rate, (Q, K) or one number for all. Wins are ``w_ij = sum_x p_i (1 - p_j)`` over the
    questions that both models answered; ties are omitted. A NaN rate is missing. The order of the questions does not
    matter. Raises ValueError when shapes do not fit, without a question, with fewer than two models, or for a ridge
    that is not positive.
    """
    shares = np.asarray(rates, dtype=np.float64)
    labels = np.asarray(topics)
    if shares.ndim != 3 or shares.shape[1] < 2 or labels.shape != shares.shape[:1] or not len(labels):
        raise ValueError(
            f"rates {shares.shape} must be (Q, K, d) with K at least 2 and Q at least 1, topics {labels.shape} (Q,)"
        )
    if ridge <= 0:
        raise ValueError(f"ridge must be positive, not {ridge}: without it an unbeaten model has no finite strength")
    cluster = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    answered = ~np.isnan(shares).all(axis=2)
    behind = np.broadcast_to(np.asarray(answers, dtype=np.float64), answered.shape)
    samples = float(behind[answered].mean()) if answered.any() else 1.0
    wins, deciding = _wins(shares, cluster)
    decided = (wins + np.swapaxes(wins, -1, -2)).sum(axis=-1)
    known: Bools = decided > 0
    opponents = np.maximum(known.sum(axis=-1) - 1.0, 1.0)
    pseudo = ridge * opponents / samples
    raw = np.where(known, _fit(wins, pseudo), np.nan)
    strength = raw - _mean_of_known(raw, known)[:, None]
    variance = np.maximum(
        _sandwich(wins, raw, pseudo, _wins_by_topic(shares, cluster)) * deciding / np.maximum(deciding - 1.0, 1.0),
        _variance_of_answers(wins, opponents, samples),
    )
    quantile = stdtrit(np.maximum(deciding - 1.0, 1.0), 0.975)
    enough: Bools = known & (deciding >= FEWEST_TOPICS_FOR_AN_INTERVAL)
    half = np.where(enough, quantile * np.sqrt(variance), np.nan)
    win_rate = mean_win_rate(wins)
    # The log-odds of winning move by K / (K - 1) where the strength moves by 1: the others then lose 1 / (K - 1).
    fitted = _fitted_win_rate(strength, known)
    of_log_odds = variance * np.square((opponents + 1.0) / opponents)[:, None]
    size = 1.0 / np.where(enough, fitted * (1.0 - fitted) * of_log_odds, np.nan)
    return Strengths(
        strength=strength.T,
        strength_interval=np.stack([strength - half, strength + half], axis=-1).transpose(1, 0, 2),
        win_rate=win_rate.T,
        win_rate_interval=np.stack(wilson_interval(win_rate, size, quantile), axis=-1).transpose(1, 0, 2),
        decided=decided.T,
        questions=answered.sum(axis=0),
        missing=len(shares) - answered.sum(axis=0),
        topics=int(cluster.max()) + 1,
    )


def mean_win_rate(wins: Floats) -> Floats:
    """(..., K) mean over opponents of the share won, ``wins`` (..., K, K); NaN for a model that met none decidedly."""
    met = wins + np.swapaxes(wins, -1, -2)
    shares = np.divide(wins, met, out=np.zeros(wins.shape), where=met > 0)
    opponents = (met > 0).sum(axis=-1)
    rate: Floats = np.divide(shares.sum(axis=-1), opponents, out=np.full(opponents.shape, np.nan), where=opponents > 0)
    return rate


def _wins(shares: Floats, cluster: Ints) -> tuple[Floats, Ints]:
    """Wins (d, K, K), and the topics (d, K) that decide any comparison of a model."""
    models, values = shares.shape[1:]
    wins, deciding = np.zeros((values, models, models)), np.zeros((values, models), dtype=np.int64)
    for block in _wins_by_topic(shares, cluster):
        wins += block.sum(axis=0)
        deciding += ((block.sum(axis=-1) + block.sum(axis=-2)) > 0).sum(axis=0)
    return wins, deciding


def _wins_by_topic(shares: Floats, cluster: Ints) -> Iterator[Floats]:
    """Wins (c, d, K, K) of ``c`` topics at a time, to bound the memory; topics in the order of ``cluster`` (Q,)."""
    models, values = shares.shape[1:]
    order = np.argsort(cluster, kind="stable")
    by_value = shares[order].transpose(0, 2, 1)
    present = ~np.isnan(by_value)
    won = np.where(present, by_value, 0.0)
    lost = np.where(present, 1.0 - by_value, 0.0)
    own = ~np.eye(models, dtype=bool)
    size = models * models * values
    topics = int(cluster.max()) + 1
    ends = np.searchsorted(cluster[order], np.arange(topics), side="right")
    first = 0
    while first < topics:
        start = 0 if first == 0 else ends[first - 1]
        last = max(first + 1, int(np.searchsorted(ends, start + BLOCK // size, side="right")))
        rows = slice(start, ends[last - 1])
        outer = won[rows, :, :, None] * lost[rows, :, None, :] * own
        starts = np.concatenate(([0], ends[first : last - 1] - start))
        yield np.add.reduceat(outer, starts, axis=0)
        first = last


def _mean_of_known(figures: Floats, known: Bools) -> Floats:
    """(...,) mean over the last axis of what is ``known``; 0 where nothing is."""
    number = known.sum(axis=-1)
    total = np.where(known, figures, 0.0).sum(axis=-1)
    return np.asarray(
        np.divide(total, number, out=np.zeros(total.shape), where=np.broadcast_to(number > 0, total.shape))
    )


def _sandwich(wins: Floats, raw: Floats, pseudo: Floats, by_topic: Iterator[Floats]) -> Floats:
    """(d, K) variance of the centred strengths: squared influences of the topics, from the fit's score equations.

    ``raw`` (d, K) strengths as they were fitted, ``pseudo`` (d,) pseudo-answers won and lost.
    """
    known = ~np.isnan(raw)
    level = np.nan_to_num(raw)
    chance = expit(level[:, :, None] - level[:, None, :])
    information = -(wins + np.swapaxes(wins, -1, -2)) * chance * (1.0 - chance)
    each = np.arange(wins.shape[-1])
    against = expit(level)
    information[:, each, each] = -information.sum(axis=-1) + 2.0 * pseudo[:, None] * against * (1.0 - against)
    inverse = np.linalg.inv(information)
    squares = np.zeros(level.shape)
    for block in by_topic:
        scores = (block - (block + np.swapaxes(block, -1, -2)) * chance).sum(axis=-1)
        influence = np.einsum("vij,cvj->cvi", inverse, scores)
        squares += np.square(influence - _mean_of_known(influence, known)[..., None]).sum(axis=0)
    return squares


def _variance_of_answers(wins: Floats, opponents: Floats, samples: float) -> Floats:
    """(d, K) variance of a strength if every answer that decides something were an independent draw.

    A model's own answers are the rarer of those that won (it expresses what others do not) and those that lost; the
    commoner ones are the answers of all its opponents. Half an answer is added to each.
    """
    many = opponents[:, None]
    own, others = np.sort(np.stack([wins.sum(axis=-1), wins.sum(axis=-2)]), axis=0) * samples / many + 0.5
    return np.asarray(np.square(many / (many + 1.0)) * (1.0 / own + 1.0 / (many * others)))


def _fitted_win_rate(strength: Floats, known: Bools) -> Floats:
    """(d, K) mean chance to win against the other known models, at these strengths."""
    chance = expit(strength[:, :, None] - strength[:, None, :])
    return _mean_of_known(chance, known[:, None, :] & ~np.eye(known.shape[-1], dtype=bool))


def _fit(wins: Floats, pseudo: Floats) -> Floats:
    """Log-strengths (d, K), not centred, of ``wins`` (d, K, K), with ``pseudo`` (d,) wins and losses against 0.

    One model after the other, as the iteration's proof of convergence asks: all at once two models would swap for ever.
    """
    # Problems last: each step then runs along contiguous memory.
    problems = np.ascontiguousarray(wins.transpose(1, 2, 0))
    models = len(problems)
    odds = np.ones((models, problems.shape[2]))
    result = odds.copy()
    active: Ints = np.arange(problems.shape[2])
    for _ in range(SWEEPS):
        before = odds.copy()
        for model in range(models):
            meetings = 1.0 / (odds[model] + odds)
            pull = pseudo / (odds[model] + 1.0)
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
            pseudo = pseudo[moving]
    return np.asarray(np.log(result).T)
