"""Hand-computed cases of UCB, the paper's bandit and the simple baselines."""

from __future__ import annotations

from dataclasses import replace
from math import log, sqrt

import numpy as np
import pytest
from adaem.agents.policies import SearchView, make_policy
from adaem.agents.policies.topic_choice import proposal_records
from adaem.agents.policies.ucb import upper_confidence_bound


def view_of(draws: list[int], topic: list[int], score: list[float], parent: list[int] | None = None) -> SearchView:
    topics = len(draws)
    return SearchView(
        alive=np.ones(topics, dtype=bool),
        open=np.ones(topics, dtype=bool),
        draws=np.array(draws, dtype=np.int64),
        topic=np.array(topic, dtype=np.int64),
        parent=np.full(len(topic), -1) if parent is None else np.array(parent),
        score=np.array(score, dtype=np.float64),
        variance=np.full(len(topic), 1e-3),
        neighbours=np.full((topics, 2), -1),
        similarity=np.zeros((topics, 2)),
        target=5,
        topic_cap=3,
        refine_share=0.0,
        answers_left=1000.0,
        answers_per_move=10.0,
    )


def test_upper_confidence_bound_by_hand() -> None:
    bound = upper_confidence_bound(np.array([0.2, 0.1, 0.0]), np.array([4, 1, 0]), weight=0.3)
    np.testing.assert_allclose(bound[:2], [0.2 + 0.3 * sqrt(2 * log(5) / 4), 0.1 + 0.3 * sqrt(2 * log(5))])
    assert bound[2] == np.inf


def test_records_leave_rewrites_out_and_fill_in_the_overall_mean() -> None:
    view = view_of([3, 1, 1], [0, 0, 0, 1], [0.1, 0.3, 0.9, 0.5], [-1, -1, 1, -1])
    count, mean = proposal_records(view)
    assert count.tolist() == [2, 1, 0]
    np.testing.assert_allclose(mean, [0.2, 0.5, 0.3])


def test_ucb_takes_fresh_topics_first_then_the_higher_bound() -> None:
    view = view_of([2, 2, 0], [0, 0, 1, 1], [0.0, 0.1, 0.3, 0.4])
    chosen = make_policy("ucb")(view, 3, np.random.default_rng(0))
    assert [move.topic for move in chosen] == [2, 1, 0]
    assert chosen[1].worth == pytest.approx(0.35 + 0.3 * sqrt(2 * log(4) / 2))


def test_ucb_prefers_the_less_drawn_of_equal_means() -> None:
    view = view_of([9, 3], [0] * 9 + [1] * 3, [0.1] * 12)
    assert make_policy("ucb")(view, 1, np.random.default_rng(0))[0].topic == 1


def test_ucb_frontier_stays_narrow_among_many_topics() -> None:
    topics, rng = 500, np.random.default_rng(0)
    draws = np.zeros(topics, dtype=np.int64)
    for _ in range(40):
        drawn = np.flatnonzero(draws)
        view = replace(view_of([0] * topics, list(drawn), [0.1] * len(drawn)), draws=draws.copy())
        for move in make_policy("ucb")(view, 10, rng):
            draws[move.topic] += 1
    assert draws.sum() == 400
    assert (draws > 0).sum() <= 3 * sqrt(400)


def test_ucb1_goes_through_the_topics_in_order_before_it_chooses() -> None:
    policy, rng = make_policy("ucb1"), np.random.default_rng(0)
    view = view_of([1, 1, 0, 0, 0], [0, 1], [0.9, 0.0])
    assert [move.topic for move in policy(view, 2, rng)] == [2, 3]


def test_ucb1_takes_the_highest_bound_once_all_are_drawn() -> None:
    view = view_of([1, 1, 1], [0, 1, 2], [0.1, 0.9, 0.5])
    chosen = make_policy("ucb1")(view, 2, np.random.default_rng(0))
    assert [move.topic for move in chosen] == [1, 2]
    assert chosen[0].worth == pytest.approx(0.9 + sqrt(2 * log(3)))


def test_round_robin_takes_the_fewest_draws_in_order() -> None:
    chosen = make_policy("round-robin")(view_of([2, 0, 1, 0], [], []), 3, np.random.default_rng(0))
    assert [move.topic for move in chosen] == [1, 3, 2]


def test_random_reaches_every_topic_alike() -> None:
    rng, view = np.random.default_rng(0), view_of([5, 0, 0, 0, 0], [0], [0.9])
    picks = [make_policy("random")(view, 1, rng)[0].topic for _ in range(2_000)]
    # 400 expected of each, standard deviation 18.
    assert np.abs(np.bincount(picks, minlength=5) - 400).max() < 90


def test_thompson_prefers_the_better_topic_and_still_tries_the_unknown() -> None:
    view = view_of([8, 8, 0], [0] * 8 + [1] * 8, [0.02] * 8 + [0.25] * 8)
    rng = np.random.default_rng(0)
    picks = np.bincount([make_policy("thompson")(view, 1, rng)[0].topic for _ in range(300)], minlength=3)
    assert picks[1] > picks[0]
    assert picks[1] > 150
    assert picks[2] > 0
