"""Changes of contrasts: cases computed by hand, and what must hold whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from adaem.evaluation.models.contrast_changes import independent_changes, paired_changes
from adaem.evaluation.models.contrasts import contrasts
from adaem.evaluation.models.measurements import Measurements
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

PAIRS = np.array([[0, 1]])


def measured(rates: list[list[float]], answers: int = 4) -> Measurements:
    """Questions x models, one value; every question a topic of its own."""
    found = np.array(rates)[..., None]
    counts = np.where(np.isnan(found[..., 0]), 0, answers)
    return Measurements(found, counts, np.arange(len(rates)))


BEFORE = [[1.0, 0.0], [0.5, 0.0], [1.0, 0.5], [0.75, 0.25], [0.5, 0.5], [1.0, 0.75]]
AFTER = [[0.5, 0.0], [0.5, 0.5], [0.25, 0.5], [0.25, 0.25], [0.0, 0.5], [1.0, 0.75]]
CHANGES = [-0.5, -0.5, -0.75, -0.5, -0.5, 0.0]


def test_a_paired_change_is_the_t_test_of_each_questions_change() -> None:
    found = paired_changes(measured(BEFORE), measured(AFTER), PAIRS)
    test = stats.ttest_1samp(CHANGES, 0.0)
    low, high = test.confidence_interval(0.95)
    assert found.change[0, 0] == pytest.approx(np.mean(CHANGES))
    assert (found.low[0, 0], found.high[0, 0]) == pytest.approx((low, high))
    assert found.p_value[0, 0] == pytest.approx(test.pvalue)
    assert found.q_value[0, 0] == pytest.approx(test.pvalue), "one test alone"
    assert found.significant[0, 0]


def test_nothing_changed_is_not_tested_and_not_shown() -> None:
    found = paired_changes(measured(BEFORE), measured(BEFORE), PAIRS)
    assert found.change[0, 0] == 0
    assert found.low[0, 0] < 0 < found.high[0, 0], "six topics without a change do not prove that there is none"
    assert np.isnan(found.p_value[0, 0])
    assert not found.significant[0, 0]


def test_a_change_that_never_varies_is_shown_with_an_interval_that_is_no_point() -> None:
    always, never = measured([[1.0, 0.0]] * 24), measured([[0.5, 0.5]] * 24)
    found = paired_changes(always, never, PAIRS)
    assert found.change[0, 0] == -1
    assert found.low[0, 0] < -1 < found.high[0, 0] < 0
    assert found.significant[0, 0]


def test_what_either_side_lacks_is_left_out_of_a_paired_change() -> None:
    before, after = measured([*BEFORE, [np.nan, 0.0]]), measured([*AFTER, [1.0, 0.0]])
    whole, found = paired_changes(measured(BEFORE), measured(AFTER), PAIRS), paired_changes(before, after, PAIRS)
    assert found.change[0, 0] == pytest.approx(whole.change[0, 0])
    assert found.high[0, 0] == pytest.approx(whole.high[0, 0])


def test_an_independent_change_combines_the_two_intervals() -> None:
    rng = np.random.default_rng(1)
    before, after = (measured((rng.integers(0, 5, (30, 2)) / 4).tolist()) for _ in range(2))
    one, other = contrasts(before), contrasts(after)
    found = independent_changes(one, other)
    change = other.differences.difference - one.differences.difference
    assert found.change == pytest.approx(change)
    then, now = one.differences, other.differences
    down = np.hypot(now.difference - now.low, then.high - then.difference)
    assert found.low == pytest.approx(change - down)


@given(st.integers(0, 10_000), st.booleans())
def test_swapping_the_sides_turns_every_change_round(seed: int, paired: bool) -> None:
    rng = np.random.default_rng(seed)
    one, other = (measured((rng.integers(0, 5, (8, 2)) / 4).tolist()) for _ in range(2))
    if paired:
        there, back = paired_changes(one, other, PAIRS), paired_changes(other, one, PAIRS)
    else:
        there = independent_changes(contrasts(one), contrasts(other))
        back = independent_changes(contrasts(other), contrasts(one))
    assert there.change == pytest.approx(-back.change)
    assert there.low == pytest.approx(-back.high, nan_ok=True)
    assert there.p_value == pytest.approx(back.p_value, nan_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("paired", [True, False])
def test_false_alarms_stay_below_the_level_where_nothing_changed(paired: bool) -> None:
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(400):
        rates = rng.uniform(0.2, 0.8, (40, 2))
        one, other = (measured((rng.binomial(4, rates) / 4).tolist()) for _ in range(2))
        found = paired_changes(one, other, PAIRS) if paired else independent_changes(contrasts(one), contrasts(other))
        alarms += bool(found.significant[0, 0])
    # Five in a hundred, give or take three standard errors: at most 33 of 400. Shared questions make the second strict.
    assert alarms <= 33, alarms
    assert alarms >= (5 if paired else 0)
