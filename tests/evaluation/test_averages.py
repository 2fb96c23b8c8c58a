"""Averages over questions with topics as the unit: hand cases, invariances and coverage."""

from typing import Any

import numpy as np
import pytest
from adaem.domain.evidence import FEWEST_TOPICS_FOR_AN_INTERVAL
from adaem.evaluation.intervals.averages import average, average_difference
from numpy.typing import NDArray


def world(rng: np.random.Generator, topics: int, scale: float = 0.08) -> tuple[NDArray[Any], NDArray[Any]]:
    """Questions with a heavy tail, half of their variance between topics: scores, topics, and the true mean."""
    labels = np.repeat(np.arange(topics), rng.integers(1, 4, size=topics))
    shared, alone = rng.exponential(size=topics)[labels], rng.exponential(size=len(labels))
    return scale * (shared + alone) / 2, labels


def test_mean_and_cluster_robust_error_by_hand() -> None:
    # topics a: 1, 3 and b: 5; mean 3; influences (4 - 6) / 3 and (5 - 3) / 3; correction 2 / 1
    result = average([1.0, 3.0, 5.0, np.nan], ["a", "a", "b", "c"], np.random.default_rng(0))
    assert (result.mean, result.questions, result.topics) == (3.0, 3, 2)
    assert result.standard_error == pytest.approx(np.sqrt(2 / 1 * 2 * (2 / 3) ** 2))
    assert result.interval is None


def test_singletons_give_the_ordinary_standard_error() -> None:
    scores = np.random.default_rng(1).normal(size=20)
    result = average(scores, np.arange(20), np.random.default_rng(0))
    assert result.standard_error == pytest.approx(scores.std(ddof=1) / np.sqrt(20))
    assert result.interval is not None
    low, high = result.interval
    assert low < result.mean < high


def test_copies_of_a_question_in_its_topic_add_no_knowledge() -> None:
    scores = np.random.default_rng(2).normal(size=20)
    once = average(scores, np.arange(20), np.random.default_rng(0))
    thrice = average(np.repeat(scores, 3), np.repeat(np.arange(20), 3), np.random.default_rng(0))
    assert thrice.interval == pytest.approx(once.interval)


def test_equal_scores_have_no_interval_and_nothing_is_refused() -> None:
    constant = average(np.full(8, 0.25), np.arange(8), np.random.default_rng(0))
    assert (constant.mean, constant.interval) == (0.25, None)
    ones, zeros = np.ones(8), np.zeros(8)
    assert average_difference(ones, np.arange(8), zeros, np.arange(8)).interval is None
    with pytest.raises(ValueError, match="no question"):
        average([np.nan], [0], np.random.default_rng(0))
    with pytest.raises(ValueError, match="both be"):
        average([1.0, 2.0], [0], np.random.default_rng(0))


def test_a_topic_in_both_groups_cancels() -> None:
    rng = np.random.default_rng(3)
    topics = np.arange(30)
    level = rng.exponential(size=30)
    paired = average_difference(level + 0.5 + rng.normal(0, 0.01, 30), topics, level, topics)
    apart = average_difference(level + 0.5 + rng.normal(0, 0.01, 30), topics, level, topics + 100)
    assert paired.mean == pytest.approx(0.5, abs=0.01)
    assert paired.standard_error < 0.05 * apart.standard_error
    assert paired.interval is not None
    assert paired.interval[0] < 0.5 < paired.interval[1]
    assert (paired.topics, apart.topics) == (30, 60)


def test_each_group_needs_topics() -> None:
    few = np.arange(FEWEST_TOPICS_FOR_AN_INTERVAL - 1)
    rng = np.random.default_rng(4)
    assert average_difference(rng.random(20), np.arange(20), rng.random(len(few)), few).interval is None


def test_swapping_groups_flips_the_sign() -> None:
    rng = np.random.default_rng(5)
    (a, first), (b, second) = world(rng, 15), world(rng, 12)
    there = average_difference(a, first, b, second)
    back = average_difference(b, second, a, first)
    assert there.mean == pytest.approx(-back.mean)
    assert there.standard_error == pytest.approx(back.standard_error)


@pytest.mark.parametrize("topics", [15, 50])
@pytest.mark.slow
def test_coverage_of_mean_and_difference(topics: int) -> None:
    rng = np.random.default_rng(6)
    draws = 300
    means = differences = 0
    for _ in range(draws):
        (scores, labels), (others, other_labels) = world(rng, topics), world(rng, topics, 0.02)
        mean = average(scores, labels, rng).interval
        difference = average_difference(scores, labels, others, other_labels).interval
        assert mean is not None
        assert difference is not None
        means += mean[0] <= 0.08 <= mean[1]
        differences += difference[0] <= 0.06 <= difference[1]
    assert means / draws > 0.90
    assert differences / draws > 0.90
