"""The bandit of AdAEM's Algorithms 1 and 2 as printed (arXiv 2505.13531), as a baseline.

A *pull* of an arm (topic) proposes ``QUESTIONS_IN_A_PULL`` questions, and rewrites each as long as a rewrite gains more
than ``LEAST_GAIN``, ``MOST_REWRITES`` times at most. Every arm is pulled once, in the order of the topics; then those
with the greatest ``Q + sqrt(2 ln B / C)``: ``Q`` the mean score of the final versions of an arm's questions, ``C`` its
pulls, ``B`` the pulls that the whole budget pays for, so that the bonus of an arm shrinks with its own pulls alone.
Gain and bonus are in units of the paper's score (the critic ``paper``), which spans tens; a divergence, less than 1.
Where the budget pays for no more pulls than there are topics, as in the paper, the bandit never chooses.

Where this departs from the paper's loop: that pulls one arm at a time with its questions side by side. Here a round
goes on with ``moves`` pulls, one question of each (with ``moves_per_round: 1`` one arm at a time), and a rewrite is a
move of a later round. The paper scores final versions with more models; here a score is the search's, and the panel is
asked in the confirmation. The mean over an arm's questions is that over its pulls but for duplicates, which have none.
"""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np

from .policy import Bools, Floats, Ints, Move, MoveKind, SearchView
from .rewriting import depths
from .topic_choice import propose_best

QUESTIONS_IN_A_PULL = 12
"""Proposals in a pull: the paper draws a question of the topic three times, and each of four models proposes one."""
LEAST_GAIN = 0.5
"""tau: a rewrite must exceed its parent by more to be taken, and rewritten in turn; in units of the paper's score."""
MOST_REWRITES = 3
"""Rewrites of rewrites at most in one pull."""

USUAL_REWRITES = 0.6
"""Share of rewrites among its moves, for forecasts: .60 to .62 in eight searches of two simulated worlds."""


def paper(view: SearchView, moves: int, rng: np.random.Generator) -> list[Move]:
    """Rewrites that pulls under way still want, then proposals for the arms of greatest bound. Uses no randomness.

    ``worth`` of a rewrite, and of a topic never drawn, is infinite. With a ``refine_share`` of 0 nothing is rewritten.
    """
    rewrites = _rewrites(view, moves) if view.refine_share > 0 else []
    proposed, mean = proposals_of(view)
    pulls = -(-proposed // QUESTIONS_IN_A_PULL)
    bound = budgeted_bound(mean, pulls, pulls_in_all(view, proposed))
    bound[proposed % QUESTIONS_IN_A_PULL > 0] = np.inf
    # A topic is drawn once a round; pulls that have begun go before new ones.
    free = view.open.copy()
    free[[move.topic for move in rewrites]] = False
    order = np.where(proposed % QUESTIONS_IN_A_PULL > 0, -1.0, np.arange(len(bound)))
    reasons = {"mean": mean, "pulls": pulls.astype(np.float64)}
    return [*rewrites, *propose_best(replace(view, open=free), moves - len(rewrites), bound, order, reasons)]


def proposals_of(view: SearchView) -> tuple[Ints, Floats]:
    """``(proposed, mean)``, both (T,): proposals made for each topic, and the mean score of their final versions.

    A duplicate counts in ``proposed`` alone. A topic without a scored question gets the mean over all questions, 0
    where there is none.
    """
    topics = len(view.alive)
    rewrites = np.bincount(view.topic, weights=view.rewritten, minlength=topics).astype(np.int64)
    version, depth, taken = np.arange(len(view.parent)), depths(view.parent), _taken(view)
    for level in range(int(depth.max(initial=0)), 0, -1):
        child = np.flatnonzero(taken & (depth == level))
        version[view.parent[child]] = version[child]
    proposal = view.parent < 0
    final = view.score[version[proposal]]
    scored = np.bincount(view.topic[proposal], minlength=topics)
    total = np.bincount(view.topic[proposal], weights=final, minlength=topics)
    overall = float(final.mean()) if len(final) else 0.0
    mean = np.where(scored > 0, total / np.maximum(scored, 1), overall)
    return np.maximum(view.draws - rewrites, 0), mean


def pulls_in_all(view: SearchView, proposed: Ints) -> float:
    """B: the pulls so far and those that the answers left pay for, at as many moves a pull as so far; at least 1."""
    moves = int(view.draws.sum())
    left = view.answers_left / (view.answers_per_move * moves) if moves else 0.0
    return max(float(proposed.sum()) / QUESTIONS_IN_A_PULL * (1.0 + left), 1.0)


def budgeted_bound(mean: Floats, pulls: Ints, budget: float) -> Floats:
    """``Q + sqrt(2 ln B / C)``, (T,), with B the ``budget`` in pulls; infinite where a topic was never pulled."""
    bonus = np.sqrt(2.0 * log(budget) / np.maximum(pulls, 1))
    return np.where(pulls > 0, mean + bonus, np.inf)


def _taken(view: SearchView) -> Bools:
    """(Q,) which versions a pull goes on with: proposals, and rewrites that gain enough."""
    rewrite = view.parent >= 0
    return np.asarray(~rewrite | (view.score - view.score[np.where(rewrite, view.parent, 0)] > LEAST_GAIN))


def _rewrites(view: SearchView, moves: int) -> list[Move]:
    """At most ``moves`` rewrites, one a topic, of versions taken and not rewritten yet; the oldest first."""
    depth = depths(view.parent)
    due = np.flatnonzero(_taken(view) & (view.rewritten == 0) & (depth < MOST_REWRITES) & view.alive[view.topic])
    first = np.sort(np.unique(view.topic[due], return_index=True)[1])[:moves]
    return [
        Move(
            kind=MoveKind.REFINE,
            topic=int(view.topic[place]),
            parent=int(place),
            worth=float("inf"),
            reason={"depth": float(depth[place])},
        )
        for place in due[first]
    ]
