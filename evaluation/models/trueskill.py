"""Relative strength by the paper's protocol: skill ratings from one free-for-all a question and value.

Source: the paper's evaluation, METHOD.md section 5. Ratings come from ``openskill`` (an optional library; imported only
here, and only when asked), with its Plackett–Luce model: of the models tried it alone is fast, little moved by the
order of the matches, and not moved at all by the order in which tied models are listed. Microsoft's TrueSkill itself
compares each model with its neighbours in the list only, so that among many ties its ratings depend on that list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints
from .bradley_terry import mean_win_rate

MATCH_ORDERS = 5
"""Shuffled orders that a rating is averaged over."""

MOST_QUESTIONS = 500
"""Questions that enter, drawn at random from more: a rating forgets early matches, so that more only cost time."""


@dataclass(frozen=True)
class Ratings:
    """Skill ratings of K models on d values; 25 is where everyone starts.

    rating        (K, d) mean over the orders; NaN where the model stood in no match
    sigma         (K, d) the rating's own uncertainty, mean over the orders. It is *not* an interval: it shrinks with
                  every match, whatever the questions of one topic share, and knows of no order effect
    order_spread  (K, d) standard deviation of the rating over orders of the same matches: what the order alone does
    win_rate      (K, d) in [0, 1], mean over the other models of the share of matches won among those not tied
    matches       (K, d) matches that the model stood in
    questions     how many questions entered; ``left_out`` others were not drawn
    orders        how many orders were run
    """

    rating: Floats
    sigma: Floats
    order_spread: Floats
    win_rate: Floats
    matches: Ints
    questions: int
    left_out: int
    orders: int


def skill_ratings(
    rates: ArrayLike,
    rng: np.random.Generator,
    *,
    orders: int = MATCH_ORDERS,
    most_questions: int = MOST_QUESTIONS,
) -> Ratings:
    """Ratings from ``rates`` (Q, K, d), the share of a model's answers that express a value; NaN is missing.

    For each question and value one answer of each model is drawn; those that express the value share the first rank,
    the others the second. Where all fall on one side there is no match. The same matches are then played in
    ``orders`` orders. Raises ValueError when shapes do not fit, without a question, or with fewer than two models;
    ModuleNotFoundError without openskill.
    """
    shares = np.asarray(rates, dtype=np.float64)
    if shares.ndim != 3 or len(shares) == 0 or shares.shape[1] < 2:
        raise ValueError(f"rates {shares.shape} must be (Q, K, d) with Q at least 1 and K at least 2")
    if orders < 1:
        raise ValueError(f"orders must be at least 1, not {orders}")
    number = min(len(shares), most_questions)
    shares = shares[np.sort(rng.choice(len(shares), size=number, replace=False))]
    present = ~np.isnan(shares)
    expressed = present & (rng.random(shares.shape) < np.where(present, shares, 0.0))
    matched = np.asarray(expressed.any(axis=1) & (present & ~expressed).any(axis=1))
    played = present & matched[:, None]
    all_mu, all_sigma = _play(expressed, played, [rng.permutation(number) for _ in range(orders)])
    matches = played.sum(axis=0)
    known = matches > 0
    wins = np.einsum("qiv,qjv->vij", expressed.astype(np.float64), (played & ~expressed).astype(np.float64))
    spread = all_mu.std(axis=0, ddof=1) if orders > 1 else np.full(known.shape, np.nan)
    return Ratings(
        rating=np.where(known, all_mu.mean(axis=0), np.nan),
        sigma=np.where(known, all_sigma.mean(axis=0), np.nan),
        order_spread=np.where(known, spread, np.nan),
        win_rate=mean_win_rate(wins).T,
        matches=matches,
        questions=number,
        left_out=len(np.asarray(rates)) - number,
        orders=orders,
    )


def _play(expressed: Bools, played: Bools, orders: list[Ints]) -> tuple[Floats, Floats]:
    """Final ratings and sigmas (orders, K, d) after the matches in each order."""
    from openskill.models import PlackettLuce

    model = PlackettLuce()
    models, values = played.shape[1:]
    ratings = np.empty((len(orders), models, values))
    sigmas = np.empty((len(orders), models, values))
    for value in range(values):
        players = [np.flatnonzero(row) for row in played[:, :, value]]
        ranks = [
            np.where(row[those], 0.0, 1.0).tolist() for row, those in zip(expressed[:, :, value], players, strict=True)
        ]
        for run, order in enumerate(orders):
            standing = [model.rating() for _ in range(models)]
            for question in order:
                if len(players[question]):
                    teams = model.rate([[standing[who]] for who in players[question]], ranks=ranks[question])
                    for who, (rating,) in zip(players[question], teams, strict=True):
                        standing[who] = rating
            ratings[run, :, value] = [rating.mu for rating in standing]
            sigmas[run, :, value] = [rating.sigma for rating in standing]
    return ratings, sigmas
