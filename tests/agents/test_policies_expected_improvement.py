"""The default policy: its formula, topic model, thresholds, neighbours and rewrites."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from adaem.agents.policies import Move, MoveKind, SearchView, make_policy
from adaem.agents.policies.improvement import entry_thresholds, expected_excess
from adaem.agents.policies.rewriting import fit_questions, rewrite_share
from adaem.agents.policies.topic_model import fit_topics
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

NOISE = 2e-3


def view_of(
    topics: int,
    topic: list[int] | np.ndarray,
    score: list[float] | np.ndarray,
    parent: list[int] | np.ndarray | None = None,
    *,
    neighbours: np.ndarray | None = None,
    target: int = 10,
    topic_cap: int = 3,
    refine_share: float = 0.0,
    answers_left: float = 1e6,
) -> SearchView:
    topic = np.asarray(topic, dtype=np.int64)
    neighbours = np.full((topics, 2), -1) if neighbours is None else neighbours
    return SearchView(
        alive=np.ones(topics, dtype=bool),
        open=np.ones(topics, dtype=bool),
        draws=np.bincount(topic, minlength=topics),
        topic=topic,
        parent=np.full(len(topic), -1) if parent is None else np.asarray(parent),
        score=np.asarray(score, dtype=np.float64),
        variance=np.full(len(topic), NOISE),
        neighbours=neighbours,
        similarity=np.full(neighbours.shape, 0.8),
        target=target,
        topic_cap=topic_cap,
        refine_share=refine_share,
        answers_left=answers_left,
        answers_per_move=15.5,
    )


def choose(view: SearchView, moves: int, seed: int = 0) -> list[Move]:
    return make_policy("expected-improvement")(view, moves, np.random.default_rng(seed))


def test_expected_excess_by_hand() -> None:
    assert expected_excess(np.array(0.0), np.array(1.0), 0.0) == pytest.approx(0.3989422804)  # phi(0)
    assert expected_excess(np.array(0.3), np.array(0.1), 0.2) == pytest.approx(0.1 * 0.8413447461 + 0.1 * 0.2419707245)
    assert expected_excess(np.array(5.0), np.array(0.1), 1.0) == pytest.approx(4.0)
    assert expected_excess(np.array(-5.0), np.array(0.1), 1.0) == pytest.approx(0.0)


def test_expected_excess_agrees_with_simulation() -> None:
    sample = np.random.default_rng(0).normal(0.05, 0.1, 400_000)
    simulated = np.maximum(sample - 0.2, 0).mean()
    assert expected_excess(np.array(0.05), np.array(0.1), 0.2) == pytest.approx(simulated, abs=1e-4)


@given(mean=st.floats(-1, 1), sd=st.floats(1e-3, 1), threshold=st.floats(-1, 1), step=st.floats(1e-3, 0.5))
def test_expected_excess_grows_with_mean_and_spread(mean: float, sd: float, threshold: float, step: float) -> None:
    here = expected_excess(np.array(mean), np.array(sd), threshold)
    assert here >= max(mean - threshold, 0) - 1e-12
    assert expected_excess(np.array(mean + step), np.array(sd), threshold) >= here - 1e-12
    assert expected_excess(np.array(mean), np.array(sd + step), threshold) >= here - 1e-12


def test_thresholds_by_hand() -> None:
    # Topic 0 holds .9 .8 .7 .6, topic 1 holds .5, topic 2 nothing; two of a topic count: .9 .8 .5, third best .5.
    view = view_of(3, [0, 0, 1, 0, 0], [0.7, 0.9, 0.5, 0.6, 0.8], target=3, topic_cap=2)
    np.testing.assert_allclose(entry_thresholds(view, view.score), [0.8, 0.5, 0.5])


def test_thresholds_while_few_are_scored() -> None:
    assert entry_thresholds(view_of(2, [], []), np.empty(0)).tolist() == [0.0, 0.0]
    view = view_of(2, [0, 1], [0.3, 0.1], target=10)
    np.testing.assert_allclose(entry_thresholds(view, view.score), [0.1, 0.1])


def simulated(
    rng: np.random.Generator, topics: int, each: int, between: float, within: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    effect = rng.normal(0, between, topics)
    topic = np.repeat(np.arange(topics), each)
    score = 0.05 + effect[topic] + rng.normal(0, np.hypot(within, NOISE**0.5), len(topic))
    return effect, topic, score


def test_topic_model_recovers_its_variances() -> None:
    _, topic, score = simulated(np.random.default_rng(0), 400, 5, 0.08, 0.06)
    model = fit_topics(view_of(400, topic, score))
    assert model.overall == pytest.approx(0.05, abs=0.015)
    assert model.between**0.5 == pytest.approx(0.08, rel=0.1)
    assert model.within**0.5 == pytest.approx(0.06, rel=0.1)
    assert model.sampling == pytest.approx(NOISE)


def test_topic_model_is_sane_with_almost_no_data() -> None:
    for topic, score in (([], []), ([0], [0.4]), ([0, 1], [0.1, 0.1])):
        model = fit_topics(view_of(3, topic, score))
        assert 0 < model.between < 0.2
        assert 0 < model.within < 0.2
        assert np.isfinite(model.mean).all()
        assert model.mean_variance[2] == pytest.approx(model.between)
    model = fit_topics(view_of(3, [0], [0.4]))
    assert model.mean[0] <= 0.4
    assert model.mean_variance[0] < model.mean_variance[1]


def test_selective_sampling_does_not_bias_the_overall_mean_much() -> None:
    rng = np.random.default_rng(2)
    effect, topic, score = simulated(rng, 300, 1, 0.1, 0.05)
    best = np.repeat(np.argsort(-score)[:30], 10)  # the best are drawn ten times more
    more = 0.05 + effect[best] + rng.normal(0, np.hypot(0.05, NOISE**0.5), len(best))
    view = view_of(300, np.concatenate([topic, best]), np.concatenate([score, more]))
    assert view.score.mean() > 0.1
    assert fit_topics(view).overall == pytest.approx(0.05, abs=0.02)


def test_prefers_the_topic_with_the_high_mean_after_enough_data() -> None:
    topic = np.repeat(np.arange(6), 3)
    score = np.where(topic == 4, 0.3, 0.03) + np.tile([-0.01, 0.0, 0.01], 6)
    first = choose(view_of(6, topic, score, topic_cap=10), 1)[0]
    assert first.topic == 4
    assert first.reason["mean"] == max(move.reason["mean"] for move in choose(view_of(6, topic, score), 6))


def test_a_topic_at_its_cap_gives_way() -> None:
    # Topics 0 and 1 look alike but topic 0 already has its three among the best, far above the M-th best.
    rest = np.repeat(np.arange(2, 12), 2)
    topic = np.concatenate([[0, 0, 0, 1, 1], rest])
    score = np.concatenate([[0.3, 0.3, 0.3, 0.3, 0.3], np.full(len(rest), 0.02)])
    moves = choose(view_of(12, topic, score, target=8, topic_cap=3), 2)
    assert moves[0].topic == 1
    capped = next(m for m in choose(view_of(12, topic, score, target=8, topic_cap=3), 12) if m.topic == 0)
    assert capped.reason["threshold"] > moves[0].reason["threshold"]
    assert choose(view_of(12, topic, score, target=8, topic_cap=50), 1)[0].reason["threshold"] < 0.2


def test_many_draws_and_few_scored_questions_count_against_a_topic() -> None:
    view = view_of(2, [0, 1], [0.1, 0.1])
    view = replace(view, draws=np.array([1, 9]))
    worth = {move.topic: move.worth for move in choose(view, 2)}
    assert worth[0] > 2 * worth[1]


def clustered_view(
    useful: bool, seed: int = 0, fresh_per_cluster: int = 2
) -> tuple[SearchView, np.ndarray, np.ndarray]:
    """Twenty clusters of ten topics; in each some are fresh. Neighbours are of the own cluster or any topics."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(20), 10)
    topics = len(cluster)
    effect = rng.normal(0, 0.08, 20)[cluster]
    fresh = np.tile(np.arange(10) < fresh_per_cluster, 20)
    same = np.stack([rng.choice(np.flatnonzero(cluster == c), 5, replace=False) for c in cluster])
    neighbours = same if useful else rng.integers(topics, size=(topics, 5))
    neighbours[neighbours == np.arange(topics)[:, None]] = -1
    topic = np.repeat(np.flatnonzero(~fresh), 2)
    score = 0.05 + effect[topic] + rng.normal(0, 0.06, len(topic))
    return view_of(topics, topic, score, neighbours=neighbours), fresh, effect


def test_fresh_topics_start_from_neighbours_that_predict() -> None:
    view, fresh, effect = clustered_view(useful=True)
    model = fit_topics(view)
    assert model.neighbour_weight > 0.5
    assert np.corrcoef(model.mean[fresh], effect[fresh])[0, 1] > 0.6
    chosen = choose(view, 5)
    assert all(effect[move.topic] > 0 for move in chosen)


def test_useless_neighbours_have_almost_no_effect() -> None:
    for seed in range(5):
        view, fresh, _ = clustered_view(useful=False, seed=seed)
        with_neighbours, without = fit_topics(view), fit_topics(view, neighbours=False)
        assert np.ptp(without.mean[fresh]) == 0.0
        assert np.abs(with_neighbours.mean - without.mean).max() < 0.03
    weights = [fit_topics(clustered_view(useful=False, seed=seed)[0]).neighbour_weight for seed in range(20)]
    assert np.median(weights) == 0.0


def test_neighbours_weigh_nothing_until_known_to_predict() -> None:
    neighbours = np.array([[1, 2], [0, 2], [0, 1]])
    assert fit_topics(view_of(3, [], [], neighbours=neighbours)).neighbour_weight == 0.0
    model = fit_topics(view_of(3, [0, 1], [0.3, 0.28], neighbours=neighbours))
    assert model.neighbour_weight < 0.5
    alone = view_of(3, [0], [0.3], neighbours=neighbours)
    assert fit_topics(alone).neighbour_weight == 0.0
    assert fit_topics(alone).mean[2] == pytest.approx(fit_topics(alone).overall)


def rewritten_view(
    effect: float, seed: int = 0, *, rewrites: int = 60, refine_share: float = 0.1, spread: float = 0.03
) -> SearchView:
    """200 topics of one proposal; the best by *noisy* score rewritten, each child = parent's truth + effect."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(0.05, 0.07, 200)
    score = truth + rng.normal(0, NOISE**0.5, 200)
    parents = np.argsort(-score)[:rewrites]
    child = truth[parents] + effect + rng.normal(0, spread + NOISE**0.5, len(parents))
    late = rng.normal(0.05, 0.07, 60) + rng.normal(0, NOISE**0.5, 60)
    return view_of(
        260,
        np.concatenate([np.arange(200), parents, np.arange(200, 260)]),
        np.concatenate([score, child, late]),
        np.concatenate([np.full(200, -1), parents, np.full(60, -1)]),
        target=20,
        refine_share=refine_share,
    )


def share_of(view: SearchView) -> float:
    questions = fit_questions(view, fit_topics(view))
    return rewrite_share(view, questions, entry_thresholds(view, questions.value))


def test_effect_of_rewriting_is_free_of_selection() -> None:
    effects, raw = [], []
    for seed in range(10):
        view = rewritten_view(0.0, seed)
        effects.append(fit_questions(view, fit_topics(view)).effect)
        child = np.flatnonzero(view.parent >= 0)
        raw.append(float((view.score[child] - view.score[view.parent[child]]).mean()))
    assert np.mean(raw) < -0.02, "the naive difference blames the rewrite for the parent's luck"
    assert abs(np.mean(effects)) < 0.012


def test_share_of_rewrites_follows_their_gain() -> None:
    helps = [share_of(rewritten_view(0.1, seed)) for seed in range(5)]
    hurts = [share_of(rewritten_view(-0.3, seed)) for seed in range(5)]
    assert min(helps) > 0.3
    assert max(hurts) == 0.0
    assert max(helps) <= 0.8


def test_rewrites_that_change_nothing_gain_nothing_over_their_parents() -> None:
    assert np.mean([share_of(rewritten_view(0.0, seed, spread=0.0)) == 0.0 for seed in range(10)]) >= 0.8


def test_refused_rewrites_count_against_rewriting_and_are_remembered_of_each_question() -> None:
    view = rewritten_view(0.03, spread=0.0)
    children = view.rewritten
    np.testing.assert_array_equal(children, np.bincount(view.parent[view.parent >= 0], minlength=len(view.parent)))
    more = 7 * np.bincount(view.topic, weights=children, minlength=len(view.draws)).astype(np.int64)
    refused = replace(view, rewritten=children * 8, draws=view.draws + more)
    assert share_of(replace(refused, answers_per_draft=50 * view.answers_per_move)) == 0.0 < share_of(view)


def test_rewrites_have_a_trial_before_they_are_given_up() -> None:
    few = replace(rewritten_view(-0.3, rewrites=5), least_refine_share=0.05)
    assert 0.05 <= share_of(few) <= 0.1


def test_share_starts_as_the_settings_say() -> None:
    plain = rewritten_view(0.0, rewrites=0, refine_share=0.25)
    assert share_of(plain) == pytest.approx(0.25)
    assert share_of(replace(plain, refine_share=0.0)) == 0.0
    assert share_of(replace(plain, target=1_000)) == 0.0, "no best questions yet"
    spent = plain.draws.sum() * plain.answers_per_move
    scarce = replace(plain, answers_left=500.0 * plain.target - spent)
    assert share_of(scarce) == pytest.approx(0.125), "half of it at 500 answers a published question"
    assert share_of(replace(rewritten_view(0.1), refine_share=0.0)) == 0.0


def test_rewrites_one_of_the_best_and_no_topic_twice() -> None:
    view = rewritten_view(0.1, refine_share=0.5)
    moves = choose(view, 12)
    rewrites = [move for move in moves if move.kind is MoveKind.REFINE]
    assert len(rewrites) >= 5
    best = set(np.argsort(-fit_questions(view, fit_topics(view)).value)[: 2 * view.target].tolist())
    assert {move.parent for move in rewrites} <= best
    assert len({move.topic for move in moves}) == 12


def test_rewrites_of_rewrites_lean_on_their_parent() -> None:
    view = view_of(2, [0, 0, 0, 1], [0.1, 0.4, 0.4, 0.1], [-1, 0, 1, -1])
    value = fit_questions(view, fit_topics(view)).value
    assert value[0] < value[1] < value[2] < 0.4


def test_early_round_is_all_proposals_when_refine_share_is_zero() -> None:
    assert all(move.kind is MoveKind.PROPOSE for move in choose(rewritten_view(0.1, refine_share=0.0), 20))


def test_fresh_topics_are_tried_in_random_order() -> None:
    view = view_of(50, [], [])
    firsts = {choose(view, 1, seed)[0].topic for seed in range(30)}
    assert len(firsts) > 10
