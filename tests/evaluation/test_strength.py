"""Bradley–Terry strengths and skill ratings: hand cases, the score equations, invariances, what is missing."""

import sys
from typing import Any

import numpy as np
import pytest
from adaem.evaluation.models.bradley_terry import bradley_terry
from adaem.evaluation.models.trueskill import skill_ratings
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray


def planted(
    rng: np.random.Generator, questions: int = 120, samples: int = 3
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Rates of four models on two values, a topic for each three questions, and the planted log-odds (4, 2)."""
    level = np.array([[-1.0, 0.0], [0.0, 0.5], [0.2, -0.5], [0.8, 0.0]])
    chances = 1 / (1 + np.exp(-(rng.normal(-0.5, 1, size=(questions, 1, 2)) + level)))
    return rng.binomial(samples, chances) / samples, np.arange(questions) // 3, level - level.mean(axis=0)


def test_two_models_by_hand() -> None:
    # Wins 3 to 1 and a ridge of 1: with opposite strengths t and -t the score equation
    # 3 - 4 s(2t) + 1 - 2 s(t) = 0 has its root where s is the logistic function.
    rates = np.array([[[1.0], [0.0]]] * 3 + [[[0.0], [1.0]], [[1.0], [1.0]]])
    result = bradley_terry(rates, np.arange(5), ridge=1.0)
    t = result.strength[0, 0]
    assert result.strength[1, 0] == pytest.approx(-t)
    assert 4 / (1 + np.exp(-2 * t)) + 2 / (1 + np.exp(-t)) == pytest.approx(4)
    assert result.win_rate[:, 0] == pytest.approx([0.75, 0.25])
    assert result.decided[:, 0] == pytest.approx([4, 4])
    weak = bradley_terry(rates, np.arange(5), ridge=1e-9).strength[:, 0]
    assert weak[0] - weak[1] == pytest.approx(np.log(3), abs=1e-4)


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_the_score_equations_hold(seed: int, models: int) -> None:
    rng = np.random.default_rng(seed)
    rates = rng.integers(0, 4, size=(12, models, 1)) / 3
    rates[rng.random((12, models)) < 0.2] = np.nan
    result = bradley_terry(rates, np.arange(12))
    shares = rates[:, :, 0]
    wins = np.nansum(shares[:, :, None] * (1 - shares[:, None, :]), axis=0) * (1 - np.eye(models))
    strength = result.strength[:, 0]
    fought = (wins + wins.T).sum(axis=1) > 0
    assert np.array_equal(np.isnan(strength), ~fought)
    # The fit is centred afterwards: the sum of all equations, in which the wins cancel, tells by how much.
    low, high = -20.0, 20.0
    for _ in range(60):
        shift = (low + high) / 2
        low, high = (shift, high) if (0.5 - 1 / (1 + np.exp(-strength[fought] - shift))).sum() > 0 else (low, shift)
    theta = np.where(fought, strength, 0.0) + shift
    expected = (wins + wins.T) / (1 + np.exp(theta[None] - theta[:, None]))
    pseudo = 0.5 * (fought.sum() - 1)
    score = (wins - expected).sum(axis=1) + pseudo * (1 - 2 / (1 + np.exp(-theta)))
    assert score[fought] == pytest.approx(0, abs=1e-4)


def test_planted_strengths_are_found_and_covered() -> None:
    inside = []
    for seed in range(10):
        rates, topics, truth = planted(np.random.default_rng(seed), questions=240, samples=1)
        result = bradley_terry(rates, topics)
        inside.append((result.strength_interval[..., 0] <= truth) & (truth <= result.strength_interval[..., 1]))
        assert np.corrcoef(result.strength.ravel(), truth.ravel())[0, 1] > 0.8
    assert np.mean(inside) > 0.88


def test_an_unbeaten_model_stays_finite_and_ties_say_nothing() -> None:
    rates = np.zeros((10, 3, 2))
    rates[:, 0, 0] = 1.0
    result = bradley_terry(rates, np.arange(10))
    assert np.isfinite(result.strength[:, 0]).all()
    assert result.strength[0, 0] > result.strength[1, 0] == pytest.approx(result.strength[2, 0])
    assert result.win_rate[0, 0] == 1
    # nobody expresses the second value
    assert np.isnan(result.strength[:, 1]).all()
    assert np.isnan(result.win_rate[:, 1]).all()
    assert np.isnan(result.strength_interval[:, 1]).all()
    assert np.isnan(result.win_rate_interval[:, 1]).all()


def test_the_order_of_questions_and_models_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    rates, topics, _ = planted(rng)
    order, models = rng.permutation(len(rates)), np.array([2, 0, 3, 1])
    one = bradley_terry(rates, topics)
    other = bradley_terry(rates[order], topics[order])
    moved = bradley_terry(rates[:, models], topics)
    for name in ("strength", "strength_interval", "win_rate", "win_rate_interval", "decided"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), abs=1e-4)
        assert getattr(moved, name) == pytest.approx(getattr(one, name)[models], abs=1e-4)


def test_a_model_without_answers_is_missing_and_changes_nothing() -> None:
    rates, topics, _ = planted(np.random.default_rng(2))
    more = np.concatenate([rates, np.full((len(rates), 1, 2), np.nan)], axis=1)
    more[:5, 0] = np.nan
    rates[:5, 0] = np.nan
    one = bradley_terry(rates, topics)
    result = bradley_terry(more, topics)
    assert np.isnan(result.strength[4]).all()
    assert result.strength[:4] == pytest.approx(one.strength, abs=1e-5)
    assert result.strength_interval[:4] == pytest.approx(one.strength_interval, abs=1e-5)
    assert result.questions.tolist() == [115, 120, 120, 120, 0]
    assert result.missing.tolist() == [5, 0, 0, 0, 120]


def test_few_topics_give_no_interval_and_bad_input_is_named() -> None:
    rates, _, _ = planted(np.random.default_rng(3), questions=8)
    assert np.isnan(bradley_terry(rates, np.arange(8) // 2).strength_interval).all()
    with pytest.raises(ValueError, match="K at least 2"):
        bradley_terry(rates[:, :1], np.arange(8))
    with pytest.raises(ValueError, match="at least 1"):
        bradley_terry(rates[:0], [])
    with pytest.raises(ValueError, match="ridge"):
        bradley_terry(rates, np.arange(8), ridge=0)


def test_blocks_of_topics_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rates, topics, _ = planted(np.random.default_rng(4))
    whole = bradley_terry(rates, topics)
    monkeypatch.setattr("adaem.evaluation.models.bradley_terry.BLOCK", 5 * 32)
    blocks = bradley_terry(rates, topics)
    assert blocks.strength_interval == pytest.approx(whole.strength_interval)
    assert blocks.decided == pytest.approx(whole.decided)


def test_ratings_follow_the_planted_order_and_show_the_order_effect() -> None:
    pytest.importorskip("openskill")
    rates, _, truth = planted(np.random.default_rng(5), questions=300)
    result = skill_ratings(rates, np.random.default_rng(0), orders=4)
    for value in range(2):
        assert np.corrcoef(result.rating[:, value], truth[:, value])[0, 1] > 0.8
    assert (result.order_spread > 0).all()
    assert (result.matches <= result.questions).all()
    assert (result.questions, result.left_out, result.orders) == (300, 0, 4)
    win_rate = bradley_terry(rates, np.arange(300)).win_rate
    assert result.win_rate == pytest.approx(win_rate, abs=0.12)


def test_ratings_do_not_depend_on_the_list_of_models() -> None:
    pytest.importorskip("openskill")
    rates = (np.random.default_rng(6).random((60, 5, 1)) < np.linspace(0.2, 0.7, 5)[:, None]).astype(float)
    models = np.array([3, 1, 4, 0, 2])
    one = skill_ratings(rates, np.random.default_rng(0))
    other = skill_ratings(rates[:, models], np.random.default_rng(0))
    assert other.rating == pytest.approx(one.rating[models])
    assert other.order_spread == pytest.approx(one.order_spread[models])


def test_no_match_where_all_fall_on_one_side_or_are_missing() -> None:
    pytest.importorskip("openskill")
    rates = np.zeros((6, 3, 2))
    rates[:, 0, 1] = 1.0
    rates[:, 2] = np.nan
    result = skill_ratings(rates, np.random.default_rng(0), orders=1)
    assert np.isnan(result.rating[:, 0]).all()
    assert np.isnan(result.rating[2]).all()
    assert result.rating[0, 1] > 25 > result.rating[1, 1]
    assert result.matches.tolist() == [[0, 6], [0, 6], [0, 0]]
    assert np.isnan(result.order_spread).all()
    assert result.win_rate[:2, 1].tolist() == [1, 0]


def test_many_questions_are_drawn_from_and_none_are_refused() -> None:
    pytest.importorskip("openskill")
    rates, _, _ = planted(np.random.default_rng(8))
    result = skill_ratings(rates, np.random.default_rng(0), most_questions=20, orders=2)
    assert (result.questions, result.left_out) == (20, 100)
    with pytest.raises(ValueError, match="at least 1"):
        skill_ratings(rates[:0], np.random.default_rng(0))
    with pytest.raises(ValueError, match="orders"):
        skill_ratings(rates, np.random.default_rng(0), orders=0)


def test_without_openskill_the_rest_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openskill.models", None)
    rates, _, _ = planted(np.random.default_rng(9), questions=9)
    with pytest.raises(ModuleNotFoundError):
        skill_ratings(rates, np.random.default_rng(0))


def test_the_fit_ends_soon_where_only_the_ridge_holds_the_level(monkeypatch: pytest.MonkeyPatch) -> None:
    # Hundreds of comparisons against one pseudo-comparison each: the common level must not crawl.
    monkeypatch.setattr("adaem.evaluation.models.bradley_terry.SWEEPS", 60)
    rng = np.random.default_rng(10)
    chances = np.linspace(0.02, 0.1, 8)[:, None]
    rates = rng.binomial(3, np.broadcast_to(chances, (2000, 8, 1))) / 3
    short = bradley_terry(rates, np.arange(2000)).strength
    monkeypatch.setattr("adaem.evaluation.models.bradley_terry.SWEEPS", 20_000)
    assert short == pytest.approx(bradley_terry(rates, np.arange(2000)).strength, abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(5, 12), st.sampled_from([0.0, 0.02, 0.3, 0.98, 1.0]))
@settings(max_examples=20)
def test_no_win_rate_or_strength_has_a_point_for_an_interval(seed: int, topics: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    rates = np.stack([rng.random((topics, 2)) < rate, rng.random((topics, 2)) < 0.5, np.zeros((topics, 2))], axis=1)
    found = bradley_terry(rates.astype(float), np.arange(topics))
    for estimate, ends in ((found.win_rate, found.win_rate_interval), (found.strength, found.strength_interval)):
        known = ~np.isnan(ends[..., 0])
        assert (ends[known][:, 0] < ends[known][:, 1]).all()
        assert (ends[known][:, 0] <= estimate[known]).all()
        assert (estimate[known] <= ends[known][:, 1]).all()


def test_a_model_that_won_everything_may_yet_lose() -> None:
    """By hand: eight wins to none. With strengths s and -s, 8 (1 - p(2s)) = p(s) - 1/2, p the logistic function."""
    rates = np.stack([np.ones((8, 1)), np.zeros((8, 1))], axis=1)
    found = bradley_terry(rates, np.arange(8))
    strength = found.strength[0, 0]
    won = 1 / (1 + np.exp(-2 * strength))
    assert 8 * (1 - won) == pytest.approx(1 / (1 + np.exp(-strength)) - 0.5)
    # the sandwich knows of no loss: half an answer lost, eight and a half won
    t, variance = 2.3646242515927844, (1 / 0.5 + 1 / 8.5) / 4
    assert found.strength_interval[0, 0] == pytest.approx(strength + np.array([-1, 1]) * t * np.sqrt(variance))
    size = 1 / (won * (1 - won) * 4 * variance)
    assert found.win_rate_interval[0, 0] == pytest.approx((min(size / (size + t**2), 0.05 ** (1 / size)), 1))
    assert found.win_rate_interval[1, 0] == pytest.approx(1 - found.win_rate_interval[0, 0][::-1])


def test_a_rare_value_has_no_sure_winner_among_models_that_are_alike() -> None:
    """Percentiles of a bootstrap left out 0 in a quarter of these."""
    rng, outside = np.random.default_rng(11), []
    for _ in range(60):
        found = bradley_terry((rng.random((50, 8, 4)) < 0.03).astype(float), np.arange(50)).strength_interval
        outside.append((found[..., 0] > 0) | (found[..., 1] < 0))
    assert np.mean(outside) <= 0.06
