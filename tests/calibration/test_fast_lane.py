"""The fast lane's invariants: it keeps the program's budget and rules, and the same seed gives the same search."""

from collections import Counter
from functools import cache

import numpy as np
import pytest
from adaem.calibration.answer_draws import draw_answers, draw_counts
from adaem.calibration.array_simulation import FastSearch, SearchResult, search
from adaem.calibration.question_population import Bank, ceilings
from adaem.calibration.search_gain import PAPERS_SEARCH
from adaem.calibration.text_simulation import Confusion
from adaem.calibration.true_divergence import true_divergence, true_quadratic
from adaem.calibration.worlds import World, search_settings
from adaem.evaluation.divergence.plug_in import plug_in_divergence

VERSIONS = pytest.mark.parametrize("simulator", [1, 2])


@cache
def bank(variant: str = "", simulator: int = 1) -> Bank:
    return Bank(World(2, variant, simulator=simulator))


@cache
def found(policy: str = "expected-improvement", seed: int = 0) -> SearchResult:
    return search(bank(), search_settings(2_000, questions=10, seed=seed, policy=policy), tests=True)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_search_and_another_seed_another() -> None:
    again = search(Bank(World(2)), search_settings(2_000, questions=10), tests=True)
    np.testing.assert_array_equal(again.first_scores, found().first_scores)
    np.testing.assert_array_equal(again.fresh, found().fresh)
    assert again.places == found().places
    assert found(seed=1).places != found().places


@pytest.mark.parametrize(
    "policy", ["expected-improvement", "random", "ucb", "thompson", "paper", "round-robin", "ucb1"]
)
def test_neither_budget_nor_cap_is_exceeded(policy: str) -> None:
    outcome = found(policy)
    settings = search_settings(2_000, questions=10)
    assert outcome.calls <= settings.budget.calls
    assert outcome.calls > 0.9 * settings.budget.calls
    assert max(Counter(outcome.topic.tolist()).values()) <= settings.search.topic_cap
    assert len(outcome.places) <= settings.questions <= outcome.confirmed
    assert len(set(outcome.places)) == len(outcome.places)


def test_the_papers_system_rewrites_and_ranks_by_its_own_score() -> None:
    settings = search_settings(2_000, questions=10, **PAPERS_SEARCH)
    assert settings.samples.search == 2
    outcome = search(bank(), settings, critic="paper")
    assert outcome.calls <= settings.budget.calls
    assert 0 < outcome.rewrites < outcome.moves
    # Sums over five models and twenty ordered pairs, no bits.
    assert outcome.searched.min() > 20


def test_what_is_published_was_confirmed_and_asked() -> None:
    under_way = FastSearch(bank(), search_settings(2_000, questions=10))
    outcome = under_way.run()
    confirmed = {under_way._places[int(name)] for name in under_way._fresh}
    assert set(outcome.places) <= confirmed
    asked = under_way._asked[(outcome.places[0][0],)]
    assert not any(bank().duplicate(place, asked[:number]) for number, place in enumerate(asked))


def test_a_budget_too_small_to_confirm_publishes_nothing() -> None:
    outcome = search(bank(), search_settings(90, questions=10))
    assert outcome.places == ()
    assert outcome.calls <= 180


def test_a_place_fixes_its_question_whatever_was_drafted_before() -> None:
    other = Bank(World(2))
    other.draft((5, 0, 1))
    assert other.draft((5, 3)) == bank().draft((5, 3))
    assert other.draft((5, 0, 1)) == bank().draft((5, 0, 1))


def test_another_edition_holds_other_drafts_of_the_same_topics() -> None:
    other, places = Bank(World(2), edition=1), [(topic, 0) for topic in range(20)]
    assert sum(other.draft(place) == bank().draft(place) for place in places) <= 2
    assert other.draft((5, 0)) == Bank(World(2), edition=1).draft((5, 0))
    assert np.array_equal(other.seed_rates, bank().seed_rates)


def test_rewrites_keep_the_fact_and_are_not_longer() -> None:
    for topic in range(20):
        parent, child = bank().draft((topic, 0)), bank().draft((topic, 0, 0))
        assert child.fact == parent.fact
        assert len(child.text) <= len(parent.text)


@VERSIONS
def test_where_rewriting_never_helps_a_rewrite_changes_no_probability(simulator: int) -> None:
    world = bank("no-rewrites", simulator)
    for topic in range(10):
        np.testing.assert_array_equal(world.rates((topic, 0, 0)), world.rates((topic, 0)))


@pytest.mark.slow
@VERSIONS
def test_in_the_null_world_nobody_differs_even_through_the_judge(simulator: int) -> None:
    rates = np.stack([bank("null", simulator).rates((topic, 0)) for topic in range(10)])
    assert true_divergence(rates) == pytest.approx(np.zeros(10), abs=1e-12)
    assert true_divergence(bank("null").confusion.observed(rates)) == pytest.approx(np.zeros(10), abs=1e-12)


@VERSIONS
def test_in_the_flat_world_no_question_beats_the_seeds(simulator: int) -> None:
    world = bank("flat", simulator)
    rates = np.stack([world.rates((topic, 0)) for topic in range(10)])
    seeds = true_divergence(world.seed_rates)
    assert true_divergence(rates) == pytest.approx(np.full(10, seeds[0]))
    assert seeds == pytest.approx(np.full(len(seeds), seeds[0]))


def test_the_judge_takes_divergence_away() -> None:
    seeds = bank().seed_rates
    seen = bank().confusion.observed(seeds)
    assert 0.4 < true_divergence(seen).mean() / true_divergence(seeds).mean() < 0.95
    assert (bank().confusion.sensitivity > bank().confusion.false_alarm + 0.5).all()


def test_true_divergence_is_the_plug_in_of_endless_answers() -> None:
    counts = np.array([[1, 3], [4, 0]])
    assert true_divergence(counts / 4) == pytest.approx(plug_in_divergence(counts, np.array([4, 4])))
    assert true_quadratic(np.array([[0.0, 0.5], [1.0, 0.5]])) == pytest.approx(0.5)


def test_the_ceiling_with_a_cap_is_no_higher_than_without() -> None:
    capped, free = ceilings(bank(), 234, 20, (1, None))
    assert 0 < capped <= free


def test_answers_are_drawn_at_the_observed_rates_with_and_without_bundles() -> None:
    rates = np.array([[[0.2, 0.5, 0.01], [0.9, 0.5, 0.5]]])
    confusion = Confusion(np.full((2, 3), 0.9), np.full((2, 3), 0.05))
    correlated = np.array([[1.0, 0.0, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])
    for root, together in ((None, False), (correlated, True)):
        drawn = draw_answers(rates, confusion, 20_000, root, np.random.default_rng(0))
        # Four standard errors of a share of 20,000.
        np.testing.assert_allclose(drawn.mean(axis=2), confusion.observed(rates), atol=4 * 0.5 / 20_000**0.5)
        assert (np.cov(drawn[0, 0].T)[0, 1] > 0.03) == together
        counts = draw_counts(rates, confusion, 5, root, np.random.default_rng(0))
        assert counts.shape == rates.shape
        assert counts.max() <= 5
