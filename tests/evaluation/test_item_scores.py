"""Graded scores of items: means by value, and contrasts where there are topics enough."""

from __future__ import annotations

import numpy as np
import pytest
from adaem.evaluation.models.contrasts import DIFFERENT, UNSETTLED
from adaem.evaluation.models.item_scores import score_contrasts, score_means

NAN = float("nan")


def test_an_item_says_nothing_of_other_values_and_a_missing_score_is_no_zero() -> None:
    scores = [[0.2, 0.4], [0.6, NAN], [1.0, 0.0], [0.5, 0.5]]
    means = score_means(scores, [0, 0, 1, -1], [0, 1, 2, 3], 3)
    np.testing.assert_allclose(means.mean, [[0.4, 1.0, NAN], [0.4, 0.0, NAN]])
    assert np.isnan(means.low).all()  # fewer than five topics


def test_equal_items_of_one_topic_count_as_one() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random((12, 2))
    once = score_means(scores, np.zeros(12), np.arange(12), 1)
    thrice = score_means(np.repeat(scores, 3, axis=0), np.zeros(36), np.repeat(np.arange(12), 3), 1)
    np.testing.assert_allclose(thrice.high - thrice.low, once.high - once.low, rtol=0.02)


@pytest.mark.parametrize(("first", "second"), [(5.0, 5.0), (0.5, 0.5), (8.0, 0.5)])
def test_intervals_cover_at_the_sizes_of_inventories(first: float, second: float) -> None:
    """2,000 models answer 10 items on a scale of eleven steps; 95 % is nominal."""
    rng = np.random.default_rng(0)
    scores = np.round(rng.beta(first, second, size=(10, 2000)), 1)
    truth = np.round(rng.beta(first, second, size=500_000), 1).mean()
    means = score_means(scores, np.zeros(10), np.arange(10), 1)
    assert ((means.low <= truth) & (truth <= means.high)).mean() >= 0.93
    graded = (means.high - means.low).mean()
    assert graded < 0.5  # yes and no with the same mean: .6 and more


def test_only_values_with_topics_enough_are_tested() -> None:
    rng = np.random.default_rng(1)
    values = np.array([0] * 25 + [1] * 19)
    scores = np.stack([rng.uniform(0.7, 1.0, 44), rng.uniform(0.0, 0.3, 44)], axis=1)
    found = score_contrasts(scores, values, np.arange(44), 2)
    assert found.verdict.tolist() == [[DIFFERENT, UNSETTLED]]
    assert np.isnan(found.q_value).tolist() == [[False, True]]
    expected = scores[:25, 0].mean() - scores[:25, 1].mean()
    np.testing.assert_allclose(found.differences.difference[0, 0], expected)
    assert found.differences.low[0, 0] < expected < found.differences.high[0, 0]


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="must be"):
        score_means([[0.5, 0.5]], [0, 1], [0], 2)
