"""D*: hand-computed cases, the exact floor, the jackknife, intervals, and bias by simulation."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from adaem.evaluation.divergence.d_star import (
    DivergenceEstimate,
    estimate_divergence,
    estimate_divergences,
    least_variance,
)
from adaem.evaluation.divergence.entropy import binary_entropy
from adaem.evaluation.divergence.expressions import (
    count_answers,
    counted_models,
    expression_rates,
    replicates_identical,
)
from adaem.evaluation.divergence.plug_in import jackknife_variance, plug_in_divergence
from adaem.evaluation.divergence.quadratic import quadratic_divergence
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray


def estimate(
    expressions: NDArray[Any],
    answered: NDArray[Any] | None = None,
    permutations: int | None = None,
    seed: int = 0,
    strata: NDArray[Any] | None = None,
) -> DivergenceEstimate:
    expressions = np.asarray(expressions, dtype=bool)
    answered = np.ones(expressions.shape[:2], dtype=bool) if answered is None else answered
    rng = np.random.default_rng(seed)
    return estimate_divergence(expressions, answered, permutations=permutations, rng=rng, strata=strata)


def answers(counts: Any, samples: int) -> NDArray[Any]:
    """(K, L, d) with the first ``counts[i, v]`` answers of model i expressing value v."""
    return np.arange(samples)[None, :, None] < np.asarray(counts)[:, None, :]


@st.composite
def questions(draw: st.DrawFn) -> NDArray[Any]:
    models, samples, values = draw(st.integers(2, 5)), draw(st.integers(2, 5)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    return rng.random((models, samples, values)) < rng.random((models, 1, values))


def test_binary_entropy_by_hand() -> None:
    assert binary_entropy([0, 0.5, 1, 0.25]) == pytest.approx([0, 1, 0, 0.8112781244591328])


def test_two_opposite_models_are_one_bit_apart() -> None:
    assert plug_in_divergence([[3], [0]], [3, 3]) == pytest.approx(1.0)
    assert plug_in_divergence([[3, 1], [0, 1]], [3, 3]) == pytest.approx(0.5)


def test_plug_in_by_hand() -> None:
    # rates 1/2 and 1: H2(3/4) - (H2(1/2) + 0) / 2
    assert plug_in_divergence([[1], [2]], [2, 2]) == pytest.approx(0.8112781244591328 - 0.5)
    # unequal samples: rates 1/2 and 2/4, weighted alike
    assert plug_in_divergence([[1], [4]], [2, 4]) == pytest.approx(0.8112781244591328 - 0.5)


def test_five_models_reach_the_ceiling_of_the_method() -> None:
    assert plug_in_divergence([[3], [3], [0], [0], [0]], [3] * 5) == pytest.approx(0.97, abs=0.001)


def test_identical_rates_have_no_divergence_and_a_nobody_value_adds_nothing() -> None:
    assert plug_in_divergence([[1, 2], [1, 2], [1, 2]], [3, 3, 3]) == pytest.approx(0.0, abs=1e-12)
    with_it, without = estimate(answers([[3, 0], [1, 0]], 3)), estimate(answers([[3], [1]], 3))
    assert with_it.divergence == pytest.approx(without.divergence / 2)


def test_unequal_samples_use_the_mean_of_the_permutations() -> None:
    # K = 2 with 2 and 3 answers, 2 of 5 express: all 10 permutations by hand
    expressions = np.array([[[1], [1], [0]], [[0], [0], [0]]], dtype=bool)
    answered = np.array([[True, True, False], [True, True, True]])
    expressed = np.array([1, 1, 0, 0, 0])
    permutations = [
        float(plug_in_divergence([[expressed[list(hand)].sum()], [2 - expressed[list(hand)].sum()]], [2, 3]))
        for hand in combinations(range(5), 2)
    ]
    result = estimate(expressions, answered, permutations=20_000)
    assert result.permuted_floor == pytest.approx(np.mean(permutations), abs=0.01)
    # No model contradicts itself: a third of the floor is left.
    assert result.noise_floor == pytest.approx(result.permuted_floor / 3)
    assert result.plug_in == pytest.approx(1.0)
    assert result.divergence == result.plug_in - result.noise_floor
    assert result.p_value == pytest.approx(0.1, abs=0.01)


def test_not_answered_is_missing_never_zero() -> None:
    expressions = np.random.default_rng(3).random((4, 3, 5)) < 0.5
    padded = np.concatenate([expressions, np.ones((4, 2, 5), dtype=bool)], axis=1)
    padded = np.concatenate([padded, np.ones((2, 5, 5), dtype=bool)])
    answered = np.zeros((6, 5), dtype=bool)
    answered[:4, :3] = True
    answered[5, 0] = True  # one answer does not count
    assert counted_models(answered).tolist() == [True] * 4 + [False] * 2
    assert estimate(padded, answered, permutations=99) == estimate(expressions, permutations=99)
    assert np.isnan(expression_rates(padded, answered)[4]).all()


def test_too_few_models_and_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="1 of 2 models"):
        estimate(np.zeros((2, 2, 3)), np.array([[True, True], [True, False]]))
    with pytest.raises(ValueError, match="must be"):
        estimate(np.zeros((2, 2, 3)), np.ones((2, 3), dtype=bool))
    with pytest.raises(ValueError, match="needs two"):
        estimate_divergences(np.zeros((4, 3, 1, 2), bool), permutations=None, rng=np.random.default_rng(0))


def test_jackknife_against_leaving_out_each_answer() -> None:
    rng = np.random.default_rng(4)
    expressions = rng.random((4, 5, 6)) < 0.4
    answered = np.ones((4, 5), dtype=bool)
    answered[1, 0] = answered[2, 3] = answered[2, 4] = False
    counted = count_answers(expressions, answered)
    expected = 0.0
    for i in range(4):
        kept = []
        for sample in np.flatnonzero(answered[i]):
            fewer = answered.copy()
            fewer[i, sample] = False
            rates = expression_rates(expressions, fewer)
            kept.append(np.mean(binary_entropy(rates.mean(0)) - binary_entropy(rates).mean(0)))
        expected += (len(kept) - 1) / len(kept) * np.sum((np.array(kept) - np.mean(kept)) ** 2)
    assert jackknife_variance(counted.answers, counted.counts, counted.samples) == pytest.approx(expected)


def test_a_variance_of_zero_does_not_occur() -> None:
    result = estimate(answers([[3, 0], [0, 3]], 3))
    assert result.variance == least_variance(2, 2, 3) == pytest.approx((0.9182958340544896 / 4) ** 2)
    assert result.interval[0] < result.divergence < result.interval[1]


@pytest.mark.parametrize("rate", [0.5, 0.05])
def test_interval_ends_where_the_error_at_that_divergence_is_the_quantile_and_is_never_cut(rate: float) -> None:
    rng = np.random.default_rng(5)
    result = estimate(rng.random((3, 3, 10)) < rate)
    growth = 3.0 * result.noise_variance / (2 * result.permuted_floor)
    for end in result.interval:
        assert (result.divergence - end) ** 2 == pytest.approx(
            1.959963984540054**2 * (result.noise_variance + growth * max(end, 0.0))
        )
    assert result.interval[0] < 0 < result.interval[1]
    assert result.interval[0] < result.divergence < result.interval[1]


def test_identical_replicates_are_noticed() -> None:
    answered = np.ones((2, 3), dtype=bool)
    same = answers([[3, 0], [0, 3]], 3)
    assert replicates_identical(same, answered)
    assert not replicates_identical(answers([[3, 1], [0, 3]], 3), answered)
    assert not replicates_identical(same, np.zeros((2, 3), dtype=bool))


def test_batch_equals_one_by_one() -> None:
    expressions = np.random.default_rng(6).random((7, 4, 3, 5)) < 0.4
    batch = estimate_divergences(expressions, permutations=99, rng=np.random.default_rng(0))
    assert batch.disputed is not None
    rng = np.random.default_rng(0)
    for k, one in enumerate(expressions):
        single = estimate_divergence(one, np.ones((4, 3), dtype=bool), permutations=99, rng=rng)
        for name in ("divergence", "plug_in", "noise_floor", "variance", "quadratic", "p_value", "quadratic_p_value"):
            assert getattr(batch, name)[k] == pytest.approx(getattr(single, name)), name
        assert batch.interval[k] == pytest.approx(single.interval)
        assert batch.disputed[k] == single.disputed
        assert batch.min_attainable_p == single.min_attainable_p


@settings(max_examples=40, deadline=None)
@given(questions(), st.integers(0, 1000))
def test_order_does_not_matter(expressions: NDArray[Any], seed: int) -> None:
    rng = np.random.default_rng(seed)
    shuffled = rng.permuted(np.broadcast_to(np.arange(expressions.shape[1]), expressions.shape[:2]), axis=1)
    moved = np.take_along_axis(expressions, shuffled[..., None], axis=1)[rng.permutation(len(expressions))]
    before, after = estimate(expressions, permutations=49), estimate(moved, permutations=49)
    assert (before.p_value, before.quadratic_p_value) == (after.p_value, after.quadratic_p_value)
    values = estimate(moved[..., rng.permutation(expressions.shape[2])])
    negated = estimate(~moved)
    for name in ("divergence", "noise_floor", "variance", "quadratic"):
        for other in (after, values, negated):
            assert getattr(before, name) == pytest.approx(getattr(other, name), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(questions())
def test_ranges(expressions: NDArray[Any]) -> None:
    result = estimate(expressions)
    assert 0 <= result.plug_in <= 1
    assert 0 <= result.noise_floor <= 1
    assert result.interval[0] < result.divergence < result.interval[1]
    assert result.variance > 0


def test_no_bias_under_no_difference_nor_at_five_samples() -> None:
    rng = np.random.default_rng(7)
    for samples, spread, tolerance in ((3, 0.0, 0.003), (5, 0.0, 0.002), (5, 0.8, 0.008), (8, 1.5, 0.01)):
        rates = 1 / (1 + np.exp(1 - rng.normal(size=(2000, 1, 10)) - spread * rng.normal(size=(2000, 5, 10))))
        truth = (binary_entropy(rates.mean(1)) - binary_entropy(rates).mean(1)).mean(-1)
        expressions = rng.random((2000, 5, samples, 10)) < rates[:, :, None]
        result = estimate_divergences(expressions, permutations=None, rng=rng)
        assert abs(np.mean(result.divergence - truth)) < tolerance
        low, high = result.interval.T
        assert np.mean((low <= truth + 1e-9) & (truth <= high)) > 0.93
        assert np.mean(result.plug_in - truth) > 0.07


def test_quadratic_by_hand_and_unbiased() -> None:
    # rates 1 and 0: s2 = 1/2, no noise: 4 * 1 / 2 * 1/2 = 1, the most there is
    assert quadratic_divergence([[3], [0]], [3, 3]) == pytest.approx(1.0)
    # rates 1/2, 1/2: noise (1/4) / (2 - 1)
    assert quadratic_divergence([[1], [1]], [2, 2]) == pytest.approx(-0.5)
    rng = np.random.default_rng(8)
    rates = rng.random((4, 6))
    samples = np.array([2, 3, 5, 4])
    counts = rng.binomial(samples[:, None], rates, size=(40_000, 4, 6))
    estimates = quadratic_divergence(counts, samples)
    assert estimates.mean() == pytest.approx(4 * rates.var(axis=0).mean(), abs=4 * estimates.std() / 200)
