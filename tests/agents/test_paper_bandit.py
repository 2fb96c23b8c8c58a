"""The paper's bandit by hand: pulls of several questions, rewrites while they gain, and a bound by the whole budget."""

from __future__ import annotations

from dataclasses import replace
from math import log, sqrt

import numpy as np
import pytest
from adaem.agents.policies import Move, MoveKind, SearchView, make_policy
from adaem.agents.policies.paper_bandit import (
    MOST_REWRITES,
    QUESTIONS_IN_A_PULL,
    budgeted_bound,
    proposals_of,
    pulls_in_all,
)

Tree = list[tuple[int, int, float]]
"""Scored questions in order: topic, place of the parent or -1, score."""


def view_of(
    topics: int, tree: Tree, *, duplicates: dict[int, int] | None = None, refine_share: float = 1.0
) -> SearchView:
    """A search in which ``duplicates`` proposals of a topic brought no question."""
    topic = np.array([each[0] for each in tree], dtype=np.int64)
    draws = np.bincount(topic, minlength=topics)
    for place, count in (duplicates or {}).items():
        draws[place] += count
    return SearchView(
        alive=np.ones(topics, dtype=bool),
        open=np.ones(topics, dtype=bool),
        draws=draws,
        topic=topic,
        parent=np.array([each[1] for each in tree], dtype=np.int64),
        score=np.array([each[2] for each in tree], dtype=np.float64),
        variance=np.full(len(tree), 1e-3),
        neighbours=np.full((topics, 2), -1),
        similarity=np.zeros((topics, 2)),
        target=5,
        topic_cap=3,
        refine_share=refine_share,
        answers_left=1_200.0,
        answers_per_move=10.0,
    )


def chosen(view: SearchView, moves: int) -> list[tuple[str, int, int | None]]:
    return [(move.kind.value, move.topic, move.parent) for move in make(view, moves)]


def make(view: SearchView, moves: int) -> list[Move]:
    return make_policy("paper")(view, moves, np.random.default_rng(0))


def pull(topic: int, score: float, start: int) -> Tree:
    """A whole pull, each proposal rewritten once in vain; ``start`` is the number of questions before it."""
    return [
        one for number in range(QUESTIONS_IN_A_PULL) for one in ((topic, -1, score), (topic, start + 2 * number, score))
    ]


def test_a_proposal_is_rewritten_before_anything_new_is_proposed() -> None:
    assert chosen(view_of(3, [(1, -1, 20.0)]), 3) == [("refine", 1, 0), ("propose", 0, None), ("propose", 2, None)]


def test_rewriting_goes_on_while_it_gains_more_than_half_a_point() -> None:
    gained = view_of(2, [(0, -1, 20.0), (0, 0, 20.6)])
    assert chosen(gained, 1) == [("refine", 0, 1)]
    for score in (20.5, 19.0):
        assert chosen(view_of(2, [(0, -1, 20.0), (0, 0, score)]), 1) == [("propose", 0, None)]


def test_three_rewrites_are_the_most_and_a_duplicate_is_one() -> None:
    line: Tree = [(0, -1, 20.0), *((0, number, 21.0 + number) for number in range(MOST_REWRITES))]
    assert chosen(view_of(2, line[:-1]), 1) == [("refine", 0, MOST_REWRITES - 1)]
    assert chosen(view_of(2, line), 1) == [("propose", 0, None)]
    asked = replace(view_of(2, [(0, -1, 20.0)], duplicates={0: 1}), rewritten=np.array([1]))
    assert chosen(asked, 1) == [("propose", 0, None)]


def test_a_refine_share_of_zero_forbids_rewrites() -> None:
    assert chosen(view_of(2, [(1, -1, 20.0)], refine_share=0.0), 2) == [("propose", 1, None), ("propose", 0, None)]


def test_a_pull_is_finished_before_the_next_arm_and_duplicates_count() -> None:
    tree = pull(0, 20.0, 0)
    assert chosen(view_of(3, tree[:-2]), 1) == [("propose", 0, None)]
    assert chosen(view_of(3, tree[:-2], duplicates={0: 1}), 1) == [("propose", 1, None)]
    assert chosen(view_of(3, tree), 2) == [("propose", 1, None), ("propose", 2, None)]


def test_the_value_of_an_arm_is_the_mean_of_its_final_versions() -> None:
    # 20 became 22 and then 22.4, which is too little; 10 was never gained upon.
    view = view_of(3, [(0, -1, 20.0), (0, 0, 22.0), (0, 1, 22.4), (0, -1, 10.0), (0, 3, 9.0), (1, -1, 40.0)])
    proposed, mean = proposals_of(view)
    assert proposed.tolist() == [2, 1, 0]
    assert mean.tolist() == pytest.approx([16.0, 40.0, (22 + 10 + 40) / 3])


def test_the_bound_by_hand() -> None:
    bound = budgeted_bound(np.array([20.0, 19.0, 0.0]), np.array([4, 1, 0]), 100.0)
    assert bound.tolist() == pytest.approx([20 + sqrt(2 * log(100) / 4), 19 + sqrt(2 * log(100)), np.inf])


def test_the_budget_in_pulls_is_what_was_made_and_what_is_left() -> None:
    view = view_of(2, pull(0, 20.0, 0))
    # 24 moves made one pull; 1,200 answers pay for 120 moves, which make five.
    assert pulls_in_all(view, proposals_of(view)[0]) == pytest.approx(1 + 5)
    assert pulls_in_all(view_of(2, []), np.zeros(2, dtype=np.int64)) == 1.0


def test_the_greatest_bound_wins_once_every_arm_was_pulled() -> None:
    size = 2 * QUESTIONS_IN_A_PULL
    view = view_of(2, [*pull(0, 20.0, 0), *pull(1, 20.5, size), *pull(1, 20.5, 2 * size)])
    # 72 moves made three pulls, and 120 more make five. The better arm was pulled twice: 20.5 + 1.44 < 20 + 2.04.
    (move,) = make(view, 1)
    assert (move.kind, move.topic, move.reason) == (MoveKind.PROPOSE, 0, {"mean": 20.0, "pulls": 1.0})
    assert move.worth == pytest.approx(20 + sqrt(2 * log(8)))
