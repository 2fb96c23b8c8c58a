"""Expected improvement over the present best M, under a hierarchical normal model: the default policy."""

from __future__ import annotations

from math import floor, sqrt

import numpy as np

from .improvement import entry_thresholds, expected_excess
from .policy import Floats, Move, MoveKind, SearchView
from .rewriting import QuestionModel, fit_questions, rewrite_share
from .topic_choice import propose_best
from .topic_model import TopicModel, fit_topics

PATIENCE = 4.0
"""Draws, in multiples of ``topic_cap``, after which a topic's improvement counts half."""


def expected_improvement(view: SearchView, moves: int, rng: np.random.Generator) -> list[Move]:
    """Proposes where the next question is expected to improve the best M most; some moves rewrite one of the best 2M.

    A proposal's worth is the expected excess of the topic's next true score over its entry threshold (bits), times the
    chance that a draw yields a scored question, divided by ``1 + draws / (4 topic_cap)``. A rewrite's worth is
    the same for its parent's posterior moved by the effect of rewriting. How many of each: ``rewrite_share``. Ties are
    broken at random. Takes ``T + 1`` numbers from ``rng``, whatever it sees.
    """
    tie = rng.random(len(view.alive))
    fraction = float(rng.random())
    topics = fit_topics(view)
    questions = fit_questions(view, topics)
    thresholds = entry_thresholds(view, questions.value)
    share = rewrite_share(view, questions, thresholds)
    rewrites = _rewrites(view, floor(share * max(moves, 0) + fraction), questions, thresholds, share)
    proposals = _proposals(view, moves, topics, thresholds, tie)
    taken = {move.topic for move in rewrites}
    chosen = rewrites + [move for move in proposals if move.topic not in taken]
    return sorted(chosen[: max(moves, 0)], key=lambda move: -move.worth)


def _proposals(view: SearchView, moves: int, topics: TopicModel, thresholds: Floats, tie: Floats) -> list[Move]:
    sd = np.sqrt(topics.mean_variance + topics.within)
    improvement = expected_excess(topics.mean, sd, thresholds)
    scored = np.bincount(view.topic, minlength=len(view.alive))
    chance = np.minimum((scored + 2.0) / (view.draws + 2.0), 1.0)
    worth = improvement * chance / (1.0 + view.draws / (PATIENCE * view.topic_cap))
    reasons = {
        "mean": topics.mean,
        "sd": sd,
        "prior_mean": topics.prior_mean,
        "neighbour_weight": np.full(len(sd), topics.neighbour_weight),
        "threshold": thresholds,
        "improvement": improvement,
        "chance": chance,
        "draws": view.draws.astype(np.float64),
    }
    return propose_best(view, moves, worth, tie, reasons)


def _rewrites(view: SearchView, moves: int, questions: QuestionModel, thresholds: Floats, share: float) -> list[Move]:
    """At most ``moves`` rewrites of living topics' questions among the best 2M, one a topic."""
    if moves <= 0 or not len(view.score):
        return []
    best = np.argsort(-questions.value, kind="stable")[: 2 * view.target]
    best = best[view.alive[view.topic[best]]]
    # One question of a lineage counts: a rewrite gains what it exceeds its parent by, where that is among the best.
    bar = np.maximum(thresholds[view.topic[best]], questions.value[best])
    mean = questions.value[best] + questions.effect
    sd = np.sqrt(questions.variance[best] + questions.effect_variance)
    improvement = expected_excess(mean, sd, bar)
    made = view.rewritten[best]
    worth = improvement / (1.0 + made)
    order = np.argsort(-worth, kind="stable")
    order = order[np.sort(np.unique(view.topic[best[order]], return_index=True)[1])][:moves]
    return [
        Move(
            kind=MoveKind.REFINE,
            topic=int(view.topic[best[k]]),
            parent=int(best[k]),
            worth=float(worth[k]),
            reason={
                "mean": float(mean[k]),
                "sd": float(sd[k]),
                "effect": questions.effect,
                "effect_sd": sqrt(questions.effect_variance),
                "threshold": float(bar[k]),
                "improvement": float(improvement[k]),
                "rewritten": float(made[k]),
                "share": share,
            },
        )
        for k in order
    ]
