"""The permutation test of whole answers: hand cases, ties, strata and uniform p-values under the null."""

from typing import Any

import numpy as np
import pytest
from adaem.evaluation.divergence.d_star import estimate_divergence, estimate_divergences
from adaem.evaluation.divergence.expressions import Counted, count_answers
from adaem.evaluation.divergence.permutation import min_attainable_p, permutation_samples, permutation_test
from numpy.typing import NDArray


def counted(
    expressions: NDArray[Any], strata: NDArray[Any] | None = None, answered: NDArray[Any] | None = None
) -> Counted:
    expressions = np.asarray(expressions, dtype=bool)
    return count_answers(expressions, np.ones(expressions.shape[:2], bool) if answered is None else answered, strata)


def opposite(samples: int) -> NDArray[Any]:
    return np.repeat(np.array([[[True]], [[False]]]), samples, axis=1)


@pytest.mark.parametrize(("samples", "least"), [(2, 1 / 3), (3, 0.1), (4, 1 / 35)])
def test_two_models_cannot_reject_with_three_samples(samples: int, least: float) -> None:
    pool = counted(opposite(samples))
    assert min_attainable_p(pool, 9999) == pytest.approx(least)
    test = permutation_test(pool, 9999, np.random.default_rng(0))
    assert test.p_value == pytest.approx(least, abs=0.012)
    assert test.quadratic_p_value == test.p_value


def test_min_attainable_p_is_bounded_by_the_permutations_and_by_the_strata() -> None:
    assert min_attainable_p(counted(np.zeros((6, 5, 2))), 99) == 0.01
    wording = np.array([[0, 0, 1, 1], [0, 0, 1, 1]])
    # 6 permutations within each wording; swapping both models at once changes nothing
    assert min_attainable_p(counted(opposite(4), wording), 9999) == pytest.approx(2 / 36)
    unequal = np.array([[True, True, False], [True, True, True]])
    assert min_attainable_p(counted(opposite(3), answered=unequal), 9999) == pytest.approx(0.1)


def test_all_alike_gives_p_one_in_spite_of_float_noise() -> None:
    rng = np.random.default_rng(1)
    rows = np.repeat((rng.random((1, 1, 10)) < 0.5), 7, axis=0).repeat(3, axis=1)
    result = permutation_test(counted(rows), 199, rng)
    assert (result.p_value, result.quadratic_p_value) == (1.0, 1.0)
    unequal = np.ones((7, 3), dtype=bool)
    unequal[2, 1] = False
    result = permutation_test(counted(rows, answered=unequal), 199, rng)
    assert (result.p_value, result.quadratic_p_value) == (1.0, 1.0)


def test_deals_move_whole_answers_and_keep_totals() -> None:
    rng = np.random.default_rng(2)
    twin = rng.random((4, 3, 1)) < 0.5
    answered = np.ones((4, 3), dtype=bool)
    answered[0, 2] = False
    pool = counted(np.concatenate([twin, twin], axis=2), answered=answered)
    permuted = permutation_samples(pool, 50, rng)
    assert permuted.counts.shape == (50, 4, 2)
    assert sorted(permuted.samples) == [2, 3, 3, 3]
    assert (permuted.counts[..., 0] == permuted.counts[..., 1]).all()
    assert (permuted.counts.sum(axis=1) == pool.counts.sum(axis=0)).all()
    assert (permuted.counts <= permuted.samples[:, None]).all()


def test_answers_stay_within_their_wording() -> None:
    # Each wording is answered in one way by everyone: within wordings nothing can move.
    wording = np.array([[0, 0, 1], [0, 1, 1], [0, 0, 1]])
    expressions = wording[..., None] == 1
    stratified = permutation_test(counted(expressions, wording), 199, np.random.default_rng(3))
    assert stratified.p_value == 1.0
    assert stratified.divergences.mean() == pytest.approx(
        estimate_divergence(
            expressions, np.ones((3, 3), bool), permutations=None, rng=np.random.default_rng(0), strata=wording
        ).plug_in
    )


def test_wording_effects_are_no_divergence() -> None:
    rng = np.random.default_rng(4)
    wording = np.tile([0, 0, 1, 1], (4, 1))
    rejected = 0
    for _ in range(150):
        expressions = rng.random((4, 4, 6)) < np.where(wording, 0.8, 0.2)[..., None]
        rejected += permutation_test(counted(expressions, wording), 99, rng).p_value <= 0.05
    assert rejected <= 17  # 150 * 0.05 + 3.5 standard deviations


@pytest.mark.parametrize(("models", "samples"), [(5, 3), (4, 5), (2, 6)])
def test_p_values_do_not_exceed_their_level_under_the_null(models: int, samples: int) -> None:
    rng = np.random.default_rng(5)
    rates = rng.random((1500, 1, 1, 8))
    expressions = rng.random((1500, models, samples, 8)) < rates
    result = estimate_divergences(expressions, permutations=99, rng=rng)
    assert result.p_value is not None
    assert result.quadratic_p_value is not None
    for level in (0.05, 0.2, 0.5):
        allowed = level + 3.5 * np.sqrt(level * (1 - level) / 1500)
        assert np.mean(result.p_value <= level) <= allowed
        assert np.mean(result.quadratic_p_value <= level) <= allowed


def test_a_real_difference_is_found_by_both_tests() -> None:
    rng = np.random.default_rng(6)
    rates = np.where(np.arange(4)[:, None, None] < 2, 0.9, 0.1)
    expressions = rng.random((4, 5, 10)) < rates
    result = estimate_divergence(expressions, np.ones((4, 5), bool), permutations=999, rng=rng)
    assert (result.p_value, result.quadratic_p_value, result.min_attainable_p) == (0.001, 0.001, 0.001)
    assert result.disputed is False


def test_no_permutations_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        permutation_test(counted(opposite(3)), 0, np.random.default_rng(0))
