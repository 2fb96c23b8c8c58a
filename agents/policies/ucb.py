"""UCB1 on the mean score over a frontier of topics that widens slowly (METHOD.md section 3.1)."""

from __future__ import annotations

from math import ceil, log, sqrt

import numpy as np

from .policy import Floats, Ints, Move, SearchView
from .topic_choice import proposal_records, propose_best

BONUS = 0.3
"""c: scores differ by tenths of a bit, so that the textbook's 1 would drown them."""
WIDENING = 3.0
"""Topics in the frontier after t draws, as a multiple of sqrt(t); 1 leaves too few for a cap on each topic."""


def upper_confidence_bound(mean: Floats, draws: Ints, *, weight: float) -> Floats:
    """``Q + c sqrt(2 ln t / C)``, (T,), with t all draws; infinite where a topic was never drawn."""
    drawn = draws > 0
    bonus = weight * np.sqrt(2.0 * log(max(int(draws.sum()), 1)) / np.maximum(draws, 1))
    return np.where(drawn, mean + bonus, np.inf)


def ucb(view: SearchView, moves: int, rng: np.random.Generator) -> list[Move]:
    """Proposals for the topics of the frontier with the greatest upper confidence bound. Never rewrites.

    The frontier holds every living topic drawn so far and, drawn at random, as many fresh ones as make it
    ``max(moves, ceil(3 sqrt(t)))`` wide: with more topics than draws, plain UCB1 would only ever try new ones. A fresh
    topic's bound is infinite, so it comes first. A drawn topic without a scored question stands at the overall mean.
    """
    _, mean = proposal_records(view)
    entry_order = rng.random(len(view.alive))
    drawn = view.open & (view.draws > 0)
    width = max(moves, ceil(WIDENING * sqrt(int(view.draws.sum()))))
    fresh = np.flatnonzero(view.open & (view.draws == 0))
    entrants = fresh[np.argsort(entry_order[fresh], kind="stable")][: max(width - int(drawn.sum()), 0)]
    bound = np.full(len(view.alive), -np.inf)
    frontier = np.concatenate([np.flatnonzero(drawn), entrants])
    bound[frontier] = upper_confidence_bound(mean, view.draws, weight=BONUS)[frontier]
    reasons = {"mean": mean, "draws": view.draws.astype(np.float64)}
    chosen = propose_best(view, moves, bound, entry_order, reasons)
    return [move for move in chosen if move.worth > -np.inf]
