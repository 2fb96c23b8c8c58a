"""The noise floor of D*: by all permutations, scaled by the variance within models, and its variance."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from adaem.evaluation.divergence.d_star import estimate_divergence
from adaem.evaluation.divergence.entropy import binary_entropy, entropy_by_count
from adaem.evaluation.divergence.expressions import Counted, count_answers
from adaem.evaluation.divergence.noise_floor import (
    SCALED_PART,
    entropy_bias,
    entropy_bias_by_count,
    entropy_bias_by_total,
    exact_noise_floor,
    exact_scaled_floor,
    noise_by_total,
    noise_variance,
    scaled_floor,
)
from adaem.evaluation.divergence.permutation import permutation_samples, permutation_test
from adaem.evaluation.divergence.plug_in import plug_in_divergence
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import binom

PART = SCALED_PART["scaled"]


def everyone(models: int, samples: int) -> NDArray[np.bool_]:
    return np.ones((models, samples), dtype=bool)


@pytest.mark.parametrize("total", range(7))
def test_floor_equals_all_permutations(total: int) -> None:
    expressed = np.arange(6) < total
    permutations = []
    for first in combinations(range(6), 2):
        rest = [k for k in range(6) if k not in first]
        for second in combinations(rest, 2):
            hands = [first, second, [k for k in rest if k not in second]]
            permutations.append(float(plug_in_divergence([[expressed[list(hand)].sum()] for hand in hands], [2, 2, 2])))
    assert len(permutations) == 90
    assert noise_by_total(3, 2)[total] == pytest.approx(np.mean(permutations), abs=1e-12)


def test_floor_is_zero_at_the_ends_and_read_only() -> None:
    table = noise_by_total(16, 3)
    assert table[[0, -1]] == pytest.approx([0, 0], abs=1e-12)
    assert table[1:-1].min() > 0
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 1


def test_permuted_floor_agrees_with_the_exact_one() -> None:
    expressions = np.random.default_rng(1).random((5, 3, 10)) < 0.4
    counted = count_answers(expressions, everyone(5, 3))
    drawn = permutation_test(counted, 4000, np.random.default_rng(2)).divergences.mean()
    assert drawn == pytest.approx(exact_noise_floor(counted.counts, 3), abs=0.004)


def test_the_bias_of_an_entropy_by_hand() -> None:
    # H2(p) is nearest to c p (1 - p); one coefficient fits 2 p (1 - p) (1 + g) to it, or 3 p (1 - p) (H2(1/3) + g).
    def of(power: int) -> float:
        return float(quad(lambda turn: curve(np.sin(turn) ** 2, power), 0, np.pi / 2)[0])

    def curve(rate: float, power: int) -> float:
        product = rate * (1 - rate)
        return product * (product if power == 2 else float(binary_entropy(rate)))

    nearest = of(1) / of(2)
    assert entropy_bias_by_count(2) == pytest.approx([0, nearest / 2 - 1, 0], abs=1e-5)
    third = nearest / 3 - 0.9182958340544896
    assert entropy_bias_by_count(3) == pytest.approx([0, third, third, 0], abs=1e-5)
    assert entropy_bias([[1, 0], [2, 3]], [2, 3]) == pytest.approx((nearest / 2 - 1 + third) / 4, abs=1e-5)


@pytest.mark.parametrize(("samples", "within"), [(2, 0.09), (4, 0.051), (5, 0.032), (8, 0.02), (50, 0.003)])
def test_the_bias_of_an_entropy_is_nearly_right_at_every_rate(samples: int, within: float) -> None:
    rates = np.linspace(0, 1, 201)[:, None]
    chance = binom.pmf(np.arange(samples + 1), samples, rates)
    true = binary_entropy(rates[:, 0]) - chance @ entropy_by_count(samples)
    table = entropy_bias_by_count(samples)
    assert entropy_bias_by_count(1) == pytest.approx([0, 0])
    assert np.abs(chance @ table - true).max() < within
    assert table == pytest.approx(table[::-1])
    assert table.min() == 0


def test_the_scale_by_hand() -> None:
    # Two models, two answers: rates 1/2 and 1. Three of four permuted: each model is at 1/2 in every other permutation.
    counts = np.array([[1], [2]])
    assert entropy_bias_by_total(2, 2)[3] == pytest.approx(entropy_bias_by_count(2)[1] / 2)
    assert exact_scaled_floor(counts, 2, PART) == pytest.approx(exact_noise_floor(counts, 2))
    # Opposite models that never contradict themselves: what is not scaled is left.
    steady = np.array([[2], [0]])
    assert exact_scaled_floor(steady, 2, PART) == pytest.approx(exact_noise_floor(steady, 2) / 3)
    assert scaled_floor(0.3, 0.0, 0.0, PART) == 0.3


def test_the_scale_is_one_on_average_where_answers_are_permuted() -> None:
    rng = np.random.default_rng(8)
    counted = count_answers(rng.random((3, 5, 4)) < [0.1, 0.4, 0.6, 0.9], everyone(3, 5))
    permuted = permutation_samples(counted, 20_000, rng)
    scaled = exact_scaled_floor(permuted.counts.astype(np.int64), 5, PART)
    assert scaled.mean() == pytest.approx(float(exact_noise_floor(counted.counts, 5)), rel=0.01)
    assert scaled.std() > 0.05 * scaled.mean()


@pytest.mark.parametrize(("spread", "before"), [(1.0, 0.003), (4.0, 0.036)])
def test_the_bias_is_small_whether_models_vary_or_not(spread: float, before: float) -> None:
    """Five models, five answers, D from .1 to .2: less the floor over permutations, D* was so much too low."""
    rng = np.random.default_rng(9)
    logits = spread * (rng.normal(-1, 1.2, (4000, 1, 10)) + 0.9 * rng.standard_normal((4000, 5, 10)))
    rates = 1 / (1 + np.exp(-logits))
    truth = plug_in_divergence(np.round(rates * 10**6).astype(np.int64), np.full(5, 10**6)).mean()
    counts = rng.binomial(5, rates)
    plug_in = plug_in_divergence(counts, np.full(5, 5)).mean()
    assert plug_in - exact_scaled_floor(counts, 5, PART).mean() == pytest.approx(truth, abs=0.01)
    assert truth - (plug_in - exact_noise_floor(counts, 5).mean()) == pytest.approx(before, abs=0.004)


def drawn_divergences(counted: Counted, permutations: int, part: float, rng: np.random.Generator) -> NDArray[Any]:
    """D* of permuted answers."""
    drawn = permutation_test(counted, permutations, rng)
    floor = exact_noise_floor(counted.counts, int(counted.samples[0]))
    mean = drawn.entropy_biases.mean()
    return np.asarray(drawn.divergences - scaled_floor(floor, drawn.entropy_biases, mean, part))


@pytest.mark.parametrize("part", [0.0, PART])
@pytest.mark.parametrize(("models", "samples"), [(2, 3), (5, 3), (4, 5)])
def test_the_noise_has_the_variance_of_the_permutations(models: int, samples: int, part: float) -> None:
    rng = np.random.default_rng(6)
    counted = count_answers(rng.random((models, samples, 1)) < 0.4, everyone(models, samples))
    drawn = drawn_divergences(counted, 40_000, part, rng)
    assert drawn.mean() == pytest.approx(0.0, abs=0.03 * float(exact_noise_floor(counted.counts, samples)))
    variance = noise_variance(counted.answers, counted.counts, samples, part)
    assert float(variance) == pytest.approx(drawn.var(), rel=0.06)


@pytest.mark.parametrize(("models", "samples", "seed"), [(5, 5, 0), (8, 5, 1), (5, 8, 2)])
def test_values_that_go_together_in_an_answer_vary_together(models: int, samples: int, seed: int) -> None:
    """A yes calls up half of the values and a no the other half: whole answers are permuted, not values."""
    rng = np.random.default_rng(seed)
    yes = rng.random((models, samples, 1)) < 0.5
    chance = np.where(yes == (np.arange(10) < 5), 0.7, 0.02)
    answered = everyone(models, samples)
    counted = count_answers(rng.random((models, samples, 10)) < chance, answered)
    variance = float(noise_variance(counted.answers, counted.counts, samples, PART))
    assert variance == pytest.approx(drawn_divergences(counted, 10_000, PART, rng).var(), rel=0.12)
    alone = [noise_variance(counted.answers[:, [v]], counted.counts[:, [v]], samples, PART) for v in range(10)]
    assert variance > 1.5 * float(np.sum(alone)) / 100


@pytest.mark.parametrize("strata", [None, np.tile([0, 1, 0, 1], (4, 1))])
def test_drawn_permutations_give_the_same_estimate_as_the_closed_form(strata: NDArray[np.int64] | None) -> None:
    """Strata that change nothing on average, and none, against permutations drawn for one answer less."""
    rng = np.random.default_rng(11)
    expressions = rng.random((4, 4, 10)) < rng.random((4, 1, 10))
    closed = estimate_divergence(expressions, everyone(4, 4), permutations=None, rng=rng)
    drawn = estimate_divergence(
        expressions,
        everyone(4, 4),
        permutations=20_000,
        rng=rng,
        strata=np.zeros((4, 4), int) if strata is None else strata,
    )
    tolerance = 0.002 if strata is None else 0.02
    assert drawn.noise_floor == pytest.approx(closed.noise_floor, abs=tolerance)
    assert drawn.noise_floor < drawn.permuted_floor
    assert closed.permuted_floor == pytest.approx(drawn.permuted_floor, abs=tolerance)


def test_earlier_runs_subtract_the_floor_over_permutations() -> None:
    rng = np.random.default_rng(12)
    expressions = rng.random((4, 3, 10)) < rng.random((4, 1, 10))
    earlier = estimate_divergence(expressions, everyone(4, 3), permutations=None, rng=rng, noise_floor="permuted")
    assert earlier.noise_floor == earlier.permuted_floor
    assert earlier.divergence == earlier.plug_in - earlier.permuted_floor


def test_exact_floor_takes_batches() -> None:
    counts = np.random.default_rng(9).integers(0, 4, size=(6, 3, 5))
    one_by_one = [float(exact_noise_floor(one, 3)) for one in counts]
    assert exact_noise_floor(counts, 3) == pytest.approx(one_by_one)


def test_the_noise_has_its_variance_with_many_answers() -> None:
    """With 120 answers of five models each the exact table would be too large."""
    rng = np.random.default_rng(11)
    counted = count_answers(rng.random((5, 120, 10)) < 0.4, everyone(5, 120))
    variance = float(noise_variance(counted.answers, counted.counts, 120, PART))
    assert variance == pytest.approx(drawn_divergences(counted, 3_000, PART, rng).var(), rel=0.12)
