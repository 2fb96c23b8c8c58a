"""Rank agreement of two measurements: cases by hand, and what must hold whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from adaem.evaluation.reliability.rank_agreement import profile_agreement, spearman, value_agreements
from adaem.evaluation.reliability.retest_agreement import Benchmark, RetestAgreement, retest_agreement
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

NO_DIFFERENCES = np.zeros((0, 3), dtype=np.int64)


def drawn(seed: int, own: NDArray[np.float64], topics: int = 24, each: int = 2) -> Benchmark:
    """Rates of models that lie ``own`` (K, d) apart, five answers a question, on topics drawn with ``seed``."""
    rng = np.random.default_rng(seed)
    of_topic = np.repeat(np.arange(topics), each)
    chance = np.clip(own + rng.normal(0, 0.15, (topics, *own.shape))[of_topic], 0, 1)
    return Benchmark(rng.binomial(5, chance) / 5, of_topic)


APART = np.array([[0.8, 0.2, 0.5], [0.6, 0.3, 0.2], [0.4, 0.5, 0.6], [0.2, 0.7, 0.4]])


def agree(first: Benchmark, second: Benchmark, differences: NDArray[np.int64] = NO_DIFFERENCES) -> RetestAgreement:
    return retest_agreement(first, second, differences, np.random.default_rng(1))


def test_a_rank_correlation_by_hand() -> None:
    # Squared differences of ranks: 1 + 1 + 0 + 0, and 1 - 6 x 2 / (4 x 15).
    assert spearman([1.0, 2.0, 3.0, 4.0], [20.0, 10.0, 30.0, 40.0]) == pytest.approx(0.8)
    tied = [1.0, 2.0, 2.0, 3.0], [1.0, 4.0, 2.0, 3.0]
    assert spearman(*tied) == pytest.approx(stats.spearmanr(*tied).statistic)
    assert np.isnan(spearman([1.0, 1.0], [1.0, 2.0])), "where all are equal there is no rank"
    assert np.isnan(spearman([1.0, np.nan, 3.0], [1.0, 2.0, 3.0])), "missing is no rank"


def test_what_all_models_have_in_common_does_not_count() -> None:
    # Without each value's mean: first (+1, -1, -1, +1), second (-1, +1, +1, -1) tenths.
    first = np.array([[0.9, 0.1], [0.7, 0.3]])
    second = np.array([[0.7, 0.3], [0.9, 0.1]])
    assert spearman(first.ravel(), second.ravel()) > 0
    assert profile_agreement(first, second) == pytest.approx(-1.0)
    assert value_agreements(first, second).tolist() == pytest.approx([-1.0, -1.0])


def test_agreement_of_two_benchmarks_by_hand() -> None:
    """Two topics of one question and one of two; means over questions, not over topics."""
    topics = np.array([0, 1, 2, 2])
    rates = np.array([[[1.0], [0.0], [0.5]], [[1.0], [0.5], [0.0]], [[0.0], [1.0], [0.5]], [[0.0], [1.0], [0.5]]])
    other = np.array([[[0.4], [0.6], [0.5]]] * 4)
    found = agree(Benchmark(rates, topics), Benchmark(other, topics), np.array([[0, 1, 0], [1, 2, 0]]))
    # Means .5, .625, .375 rank 2, 3, 1; the other .4, .6, .5 rank 1, 3, 2: 1 - 6 x 2 / 24.
    assert found.profiles == pytest.approx(0.5)
    assert found.values.tolist() == pytest.approx([0.5])
    assert found.same_sign == 1.0, "0 is below 1, and 1 above 2, in both"
    assert np.isnan(found.profiles_interval).all(), "three topics say nothing of how topics differ"


def test_a_missing_answer_is_left_out_and_not_zero() -> None:
    rates = np.full((6, 2, 1), 0.5)
    rates[:, 0] = 0.6
    lacking = rates.copy()
    lacking[:5, 0] = np.nan
    whole = Benchmark(rates, np.arange(6))
    found = agree(whole, Benchmark(lacking, np.arange(6)), np.array([[0, 1, 0]]))
    assert (found.profiles, found.same_sign) == (1.0, 1.0)


@given(st.integers(0, 10**6))
def test_a_benchmark_agrees_with_itself_whatever_it_holds(seed: int) -> None:
    own = np.random.default_rng(seed).uniform(0.1, 0.9, (4, 3))
    found = drawn(seed, own)
    same = agree(found, found)
    assert same.profiles == 1.0
    assert same.profiles_interval[0] < same.profiles_interval[1] == 1.0
    order = np.random.default_rng(seed + 1).permutation(len(found.topics))
    assert agree(found, Benchmark(found.rates[order], found.topics[order])).profiles == 1.0


@given(st.permutations(range(4)), st.integers(0, 10**6))
def test_the_order_of_the_models_does_not_matter_as_long_as_it_is_one(order: list[int], seed: int) -> None:
    first, second = drawn(seed, APART), drawn(seed + 1, APART)
    turned = [Benchmark(each.rates[:, order], each.topics) for each in (first, second)]
    assert agree(turned[0], turned[1]).profiles == pytest.approx(agree(first, second).profiles)


def test_models_in_another_order_agree_less() -> None:
    first, second = drawn(1, APART), drawn(2, APART)
    differences = np.array([[0, 3, 0], [0, 3, 1]])
    found = agree(first, second, differences)
    assert found.profiles > 0.9
    assert found.profiles_interval[0] > 0.7
    assert found.same_sign == 1.0
    turned = agree(first, Benchmark(second.rates[:, ::-1], second.topics), differences)
    assert turned.profiles < -0.3
    assert turned.profiles_interval[1] < 0
    assert turned.same_sign == 0.0


def test_models_that_are_alike_are_seldom_said_to_rank_alike() -> None:
    """An interval in twenty or thirty lies above 0."""
    alike = np.full((4, 3), 0.5)
    found = [agree(drawn(2 * seed, alike), drawn(2 * seed + 1, alike)) for seed in range(20)]
    assert sum(each.profiles_interval[0] > 0 for each in found) <= 3
    for each in found:
        assert each.profiles_interval[0] <= each.profiles <= each.profiles_interval[1]
        assert (np.abs(each.value_intervals) <= 1).all()


def test_the_interval_covers_the_mean_of_such_pairs() -> None:
    """Of 60 pairs from one world; percentiles of the draws hold it in about half of them."""
    found = [agree(drawn(2 * seed, APART, 20), drawn(2 * seed + 1, APART, 20)) for seed in range(60)]
    target = np.mean([each.profiles for each in found])
    held = [each.profiles_interval[0] <= target <= each.profiles_interval[1] for each in found]
    assert np.mean(held) >= 0.85


@pytest.mark.parametrize("topics", [4, 24])
def test_without_a_value_that_a_judge_measures_nothing_is_ranked(topics: int) -> None:
    found = agree(drawn(0, np.zeros((3, 0)), topics), drawn(1, np.zeros((3, 0)), topics))
    assert np.isnan(found.profiles)
    assert np.isnan(found.profiles_interval).all()
    assert found.values.shape == (0,)
