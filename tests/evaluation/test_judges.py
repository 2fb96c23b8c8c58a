"""Agreement, accuracy and correction of judges, against figures worked out by hand or taken from the literature."""

from __future__ import annotations

import numpy as np
import pytest
from adaem.domain.judge_accuracy import Figure, ValueAccuracy, smaller_errors
from adaem.evaluation.divergence.quadratic import quadratic_by_value, quadratic_divergence
from adaem.evaluation.judges.error_difference import error_differences
from adaem.evaluation.judges.krippendorff import krippendorff_alpha
from adaem.evaluation.judges.label_accuracy import (
    area_under_curve,
    clustered_accuracies,
    clustered_share,
    value_accuracies,
    youden,
)
from adaem.evaluation.judges.rate_correction import (
    Adjustment,
    corrected_quadratic,
    corrected_rate,
    label_adjustment,
    probability_adjustment,
    ratio_interval,
)
from adaem.evaluation.models.measurements import measure, measure_probabilities
from adaem.evaluation.models.profiles import profiles
from adaem.evaluation.models.saturation import saturated
from hypothesis import given
from hypothesis import strategies as st

# Krippendorff (2011), section C: four observers, twelve units, five categories, "." missing.
OBSERVERS = ("1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 .")


def test_alpha_of_krippendorffs_own_example() -> None:
    table = [[int(cell) if cell != "." else -9 for cell in row.split()] for row in OBSERVERS]
    codes = np.array(table)
    assert float(krippendorff_alpha(codes, codes > 0)) == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_krippendorffs_binary_example() -> None:
    # Section A: two observers, ten units: 0.095.
    codes = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], dtype=bool)
    everyone = np.ones(codes.shape, dtype=bool)
    assert float(krippendorff_alpha(codes, everyone)) == pytest.approx(0.095, abs=5e-4)
    several = np.stack([codes, codes[::-1], ~codes, np.zeros_like(codes), np.stack([codes[0], codes[0]])], axis=2)
    alphas = krippendorff_alpha(several, everyone)
    assert alphas[:3] == pytest.approx(alphas[0])
    assert np.isnan(alphas[3])
    assert alphas[4] == 1


def test_alpha_of_nothing_to_compare() -> None:
    assert np.isnan(krippendorff_alpha(np.zeros((2, 3), dtype=bool), np.eye(2, 3, dtype=bool)))


def test_area_under_the_curve_by_pairs() -> None:
    # Pairs (positive, negative): 3>1, 3>2, 2=2, 2>1: 3.5 of 4.
    positive = np.array([True, False, True, False])
    assert area_under_curve(positive, np.array([3.0, 1.0, 2.0, 2.0])) == 3.5 / 4
    assert np.isnan(area_under_curve(np.ones(3, dtype=bool), np.arange(3.0)))


def test_sensitivity_specificity_and_j_by_hand() -> None:
    # 10 rows with the value, 8 found; 20 without, 3 found.
    truth = np.array([[True]] * 10 + [[False]] * 20)
    found = np.array([[True]] * 8 + [[False]] * 2 + [[True]] * 3 + [[False]] * 17)
    [value], macro, area = value_accuracies(truth, found, np.arange(30), np.random.default_rng(0))
    assert value.sensitivity is not None
    assert value.specificity is not None
    assert value.youden is not None
    assert value.f1 is not None
    assert value.sensitivity.estimate == 0.8
    assert value.specificity.estimate == 0.85
    assert value.youden.estimate == pytest.approx(0.65)
    assert value.f1.estimate == pytest.approx(16 / 21)
    assert (value.positives, value.negatives, value.found) == (10, 20, 11)
    assert value.youden.interval is not None
    low, high = value.youden.interval
    assert low < 0.5 < 0.65 < high
    assert not value.measurable
    assert macro == value.f1
    assert area is None


def test_a_simple_share_has_wilsons_interval() -> None:
    # 8 of 10, each its own cluster; Wilson with t(9) = 2.262 by hand: (0.446, 0.952), before the design effect of 10/9.
    # The upper end is the exact one: 1.8 misses of 9 are 5 % likely at a rate of 0.968.
    figure = clustered_share(np.arange(10) < 8, np.arange(10))
    assert figure is not None
    assert figure.interval == pytest.approx((0.429, 0.968), abs=0.005)


def test_rows_that_come_in_clusters_count_for_less() -> None:
    right = np.repeat(np.arange(20) < 14, 10)
    alone, together = clustered_share(right, np.arange(200)), clustered_share(right, np.repeat(np.arange(20), 10))
    assert alone is not None
    assert together is not None
    assert alone.interval is not None
    assert together.interval is not None
    assert together.interval[1] - together.interval[0] > 2 * (alone.interval[1] - alone.interval[0])
    never_wrong = clustered_share(np.ones(200, dtype=bool), np.repeat(np.arange(4), 50))
    assert never_wrong is not None
    assert never_wrong.interval is not None
    assert never_wrong.interval[0] < 0.5  # four clusters prove little
    assert clustered_share(np.ones(5, dtype=bool), np.zeros(5, dtype=int)) == Figure(estimate=1.0)


def test_a_weighted_share_of_all_rows_is_one_to_the_last_digit() -> None:
    rng = np.random.default_rng(0)
    for rows in range(2, 60):
        figure = clustered_share(np.ones(rows, dtype=bool), np.arange(rows) // 2, rng.uniform(0.1, 9, rows))
        assert figure is not None
        assert figure.estimate == 1.0
        assert figure.interval is None or figure.interval[1] <= 1.0


def test_a_row_of_weight_three_counts_as_three() -> None:
    rng = np.random.default_rng(4)
    truth, found, scores = rng.random((40, 2)) < 0.4, rng.random((40, 2)) < 0.5, rng.random((40, 2))
    weights = rng.integers(1, 4, 40)
    rows = np.repeat(np.arange(40), weights)
    weighted = value_accuracies(truth, found, np.arange(40), rng, scores, row_weights=weights.astype(float))
    repeated = value_accuracies(truth[rows], found[rows], rows, rng, scores[rows])
    for one, other in zip(weighted[0], repeated[0], strict=True):
        for name in ("sensitivity", "specificity", "youden", "f1", "auc"):
            assert getattr(one, name).estimate == pytest.approx(getattr(other, name).estimate)
        assert one.sensitivity is not None
        assert other.sensitivity is not None
        # Both know as many sources, and so as much.
        assert one.sensitivity.interval == pytest.approx(other.sensitivity.interval, abs=0.02)
    # Where all agree, unequal weights leave fewer than there are.
    right = np.ones(10, dtype=bool)
    equal = clustered_share(right, np.arange(10))
    unequal = clustered_share(right, np.arange(10), np.array([20.0] + [1.0] * 9))
    assert equal is not None
    assert unequal is not None
    assert equal.interval is not None
    assert unequal.interval is not None
    assert unequal.interval[0] < equal.interval[0] - 0.1


def test_what_cannot_be_said_is_none() -> None:
    truth = np.array([[True, False]] * 6)
    first, second = value_accuracies(truth, truth, np.arange(6), np.random.default_rng(0))[0]
    assert (first.specificity, first.youden, first.measurable) == (None, None, False)
    assert (second.sensitivity, second.f1, second.measurable) == (None, None, False)


def test_a_judge_that_is_right_on_many_sources_can_measure() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random((400, 2)) < 0.4
    found = truth ^ (rng.random((400, 2)) < [0.05, 0.4])
    good, bad = value_accuracies(truth, found, np.arange(400) // 2, rng)[0]
    assert good.measurable
    assert not bad.measurable


def accuracy(
    sensitivity: float, specificity: float, *, variance: float = 0.0, measurable: bool = True
) -> ValueAccuracy:
    both = Figure(estimate=sensitivity), Figure(estimate=specificity)
    return ValueAccuracy(
        positives=9,
        negatives=9,
        found=9,
        sensitivity=both[0],
        specificity=both[1],
        variances=(variance, variance),
        youden=youden(*both),
        f1=None,
        measurable=measurable,
    )


def adjustment(sensitivity: float, specificity: float, *, variance: float = 0.0) -> Adjustment:
    found = label_adjustment(accuracy(sensitivity, specificity, variance=variance))
    assert found is not None
    return found


def test_rogan_gladen_by_hand() -> None:
    # (0.4 + 0.95 - 1) / 0.85 = 0.4118; observed half-width 0.085 becomes 0.1.
    found = corrected_rate(Figure(estimate=0.4, interval=(0.315, 0.485)), adjustment(0.9, 0.95))
    assert found.estimate == pytest.approx(0.35 / 0.85)
    assert found.interval == pytest.approx((0.35 / 0.85 - 0.1, 0.35 / 0.85 + 0.1))
    # With variances of 0.01 each: (0.085/1.96)^2 + (r^2 + (1-r)^2) * 0.01, over 0.85^2.
    rate = 0.35 / 0.85
    half = 1.96 * np.sqrt((0.085 / 1.96) ** 2 + (rate**2 + (1 - rate) ** 2) * 0.01) / 0.85
    unsure = corrected_rate(Figure(estimate=0.4, interval=(0.315, 0.485)), adjustment(0.9, 0.95, variance=0.01))
    assert unsure.interval == pytest.approx((rate - half, rate + half))


def test_no_correction_where_the_judge_cannot_measure() -> None:
    assert label_adjustment(accuracy(0.7, 0.6, measurable=False)) is None
    below = corrected_rate(Figure(estimate=0.01), adjustment(0.9, 0.95))
    assert below == Figure(estimate=0.0)
    assert corrected_quadratic([0.1, 0.2, 0.4], [0.5, 0.8, 0.1], [True, True, False]) == pytest.approx(
        (0.1 / 0.25 + 0.2 / 0.64) / 2
    )
    assert np.isnan(corrected_quadratic([0.1], [0.4], [False]))


@given(st.floats(0, 1), st.floats(0.7, 1), st.floats(0.8, 1))
def test_correction_undoes_what_the_judge_did(true: float, sensitivity: float, specificity: float) -> None:
    seen = true * sensitivity + (1 - true) * (1 - specificity)
    found = corrected_rate(Figure(estimate=seen), adjustment(sensitivity, specificity))
    assert found.estimate == pytest.approx(true, abs=1e-9)


@given(st.floats(-0.9, 0.9), st.floats(0.01, 0.3), st.floats(0.01, 0.3), st.floats(0.6, 0.9))
def test_a_ratio_is_surely_not_nought_exactly_where_its_numerator_is_not(
    above: float, down: float, up: float, below: float
) -> None:
    low, high = ratio_interval(above, above - down, above + up, below, below - 0.1, min(1.0, below + 0.1))
    assert low <= above / below <= high
    assert (low > 0, high < 0) == (above - down > 0, above + up < 0)
    # A denominator that is known leaves the numerator's interval, divided.
    sure = ratio_interval(above, above - down, above + up, below, below, below)
    assert np.allclose(sure, ((above - down) / below, (above + up) / below))


def test_a_value_is_saturated_where_it_is_for_every_model_that_answered() -> None:
    rates = np.array([[0.04, 0.04, 0.97, 0.04, 0.5], [0.0, 0.06, 0.99, 0.99, 0.5], [np.nan] * 5])
    assert saturated(rates).tolist() == [True, False, True, False, False]
    assert not saturated(np.full((2, 1), np.nan)).any()


def test_quadratic_by_value_averages_to_the_whole() -> None:
    rng = np.random.default_rng(2)
    samples = np.array([3, 5, 4])
    counts = rng.integers(0, samples[:, None] + 1, size=(3, 6))
    parts = quadratic_by_value(counts / samples[:, None], samples)
    assert parts.mean() == pytest.approx(float(quadratic_divergence(counts, samples)))


@pytest.mark.parametrize("clusters", [np.arange(300), np.arange(300) // 3])
def test_a_judge_that_misses_more_in_one_model_is_caught(clusters: np.ndarray) -> None:
    rng = np.random.default_rng(3)
    models = ["one", "two", "three"] * 100
    truth = np.repeat(rng.random((100, 2)) < 0.5, 3, axis=0)
    worse = np.array(models) == "two"
    miss = rng.random((300, 2)) < np.where(worse[:, None] & np.array([True, False]), 0.5, 0.1)
    tests = error_differences(truth, truth & ~miss, models, clusters, ("a", "b"), permutations=499, rng=rng)
    told = {(each.value, each.error): each for each in tests}
    assert set(told) == {("a", "missed"), ("b", "missed")}  # no false alarm was made: nothing to test
    assert told["a", "missed"].q_value < 0.05
    assert told["a", "missed"].rates["two"] > 0.3
    assert told["b", "missed"].q_value > 0.05


def test_error_tests_of_a_fair_judge_reject_rarely() -> None:
    rng = np.random.default_rng(4)
    low = 0
    for _ in range(40):
        truth = rng.random((120, 1)) < 0.5
        found = truth ^ (rng.random((120, 1)) < 0.2)
        tests = error_differences(truth, found, ["x", "y"] * 60, np.arange(120) // 2, ("a",), permutations=99, rng=rng)
        low += sum(each.p_value <= 0.05 for each in tests)
    assert low <= 11  # of 80; 4 expected, 11 has a chance of 0.2 %


def test_probabilities_are_corrected_by_their_means_with_and_without_the_value() -> None:
    # Rows with the value have .9 and .5, the others .1 and .3: 0.7, 0.2, and a separation of a half.
    truth = np.array([True] * 20 + [False] * 20)
    chances = np.array([0.9, 0.5] * 10 + [0.1, 0.3] * 10)
    (each,) = clustered_accuracies(truth[:, None], truth[:, None], np.arange(40), chances[:, None])
    known = each.probabilities
    assert known is not None
    assert (known.present, known.absent, known.separation.estimate) == pytest.approx((0.7, 0.2, 0.5))
    # Variances of the means: 0.04 / 19 and 0.01 / 19; those of labels that are always right are 0.
    assert known.variances == pytest.approx((0.04 / 19, 0.01 / 19))
    assert known.label_error == pytest.approx(np.sqrt(0.25 / 200))
    assert known.error == pytest.approx(np.sqrt((0.025 + 0.0625) / 200 + 0.25 * 0.05 / 19) / 0.5)
    by_probability = probability_adjustment(each)
    assert by_probability is not None
    assert corrected_rate(Figure(estimate=0.5), by_probability).estimate == pytest.approx(0.6)
    assert smaller_errors([each]) == "labels"


@pytest.mark.parametrize("spread", [0.0, 0.45])
def test_the_smaller_error_decides_between_labels_and_probabilities(spread: float) -> None:
    """A judge whose probabilities only repeat its labels gains nothing; one that knows when it is unsure does."""
    rng = np.random.default_rng(3)
    truth = rng.random((2000, 1)) < 0.5
    score = rng.normal(size=truth.shape) + 2 * truth - 1
    labelled = score > 0
    chances = np.where(labelled, 0.84, 0.16) if spread == 0 else 1 / (1 + np.exp(-2 * score))
    found = clustered_accuracies(truth, labelled, np.arange(2000), chances)
    assert smaller_errors(found) == ("probabilities" if spread else "labels")
    assert smaller_errors(clustered_accuracies(truth, labelled, np.arange(2000))) == "labels"


def test_probabilities_too_little_apart_correct_nothing() -> None:
    rng = np.random.default_rng(4)
    truth = rng.random((60, 1)) < 0.5
    (each,) = clustered_accuracies(truth, truth, np.arange(60), rng.random((60, 1)))
    assert each.measurable
    assert probability_adjustment(each) is None


def test_a_mean_of_probabilities_is_worth_more_than_its_answers() -> None:
    """Three answers of .4, .5 and .6 on each of 30 topics: their mean is known better than that of 90 coins."""
    topics, answered = np.arange(30), np.ones((30, 1, 3), dtype=bool)
    chances = np.random.default_rng(5).permuted(np.full((30, 1, 3, 1), [[0.4], [0.5], [0.6]]), axis=0)
    chances += np.linspace(-0.05, 0.05, 30)[:, None, None, None]
    graded = profiles(measure_probabilities(chances, answered, topics)).rates
    coins = profiles(measure(np.arange(90).reshape(30, 1, 3, 1) % 2, answered, topics)).rates
    assert graded.mean[0, 0] == pytest.approx(0.5)
    assert graded.high[0, 0] - graded.low[0, 0] < 0.5 * (coins.high[0, 0] - coins.low[0, 0])
    chances[0, 0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="every answer must have a probability"):
        measure_probabilities(chances, answered, topics)
