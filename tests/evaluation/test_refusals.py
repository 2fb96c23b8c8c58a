"""Refusals: worst cases by hand and as bounds, refusal as a contrast."""

import numpy as np
import pytest
from adaem.evaluation.models.contrasts import DIFFERENT, contrasts
from adaem.evaluation.models.measurements import measure
from adaem.evaluation.models.profiles import profiles
from adaem.evaluation.models.refusal_rates import refusal_measurements, worst_cases
from hypothesis import given, settings
from hypothesis import strategies as st


def test_bounds_by_hand() -> None:
    # Five questions of four answers, one expressed: all answered; then two refused; the last refused throughout.
    expressions = np.zeros((5, 1, 4, 1), dtype=bool)
    expressions[:4, 0, 0] = True
    answered = np.ones((5, 1, 4), dtype=bool)
    answered[1, 0, 2:], answered[4] = False, False
    refused = ~answered
    refused[1, 0, 3] = False  # a failed call: not asked
    found = worst_cases(expressions, answered, refused, np.arange(5))
    assert found.least.item() == pytest.approx((3 * 1 / 4 + 1 / 3 + 0) / 5)
    assert found.most.item() == pytest.approx((3 * 1 / 4 + 2 / 3 + 1) / 5)
    assert found.low.item() < found.least.item()
    assert found.high.item() > found.most.item()
    rate = refusal_measurements(answered, refused, np.arange(5))
    assert rate.rates[:, 0, 0] == pytest.approx([0, 1 / 3, 0, 0, 1])
    assert rate.answers[:, 0].tolist() == [4, 3, 4, 4, 4]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_whatever_was_refused_lies_within_the_bounds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    topics = rng.integers(8, size=30)
    truth = rng.random((30, 2, 3, 2)) < 0.3
    refused = rng.random((30, 2, 3)) < 0.3
    bounds = worst_cases(truth, ~refused, refused, topics)
    everything = truth.mean(axis=(0, 2))
    assert np.all((bounds.least <= everything + 1e-12) & (everything <= bounds.most + 1e-12))
    assert np.all((bounds.low <= bounds.least) & (bounds.most <= bounds.high))
    width = profiles(refusal_measurements(~refused, refused, topics)).rates.mean
    assert np.allclose(bounds.most - bounds.least, width)


def test_without_refusals_the_bounds_are_the_profile() -> None:
    rng = np.random.default_rng(0)
    expressions, topics = rng.random((30, 2, 3, 2)) < 0.3, rng.integers(8, size=30)
    answered = np.ones((30, 2, 3), dtype=bool)
    bounds = worst_cases(expressions, answered, ~answered, topics)
    plain = profiles(measure(expressions, answered, topics)).rates
    assert np.array_equal(bounds.least, bounds.most)
    assert bounds.least == pytest.approx(plain.mean)
    assert (bounds.low == pytest.approx(plain.low), bounds.high == pytest.approx(plain.high)) == (True, True)


def test_refusal_is_a_contrast() -> None:
    rng = np.random.default_rng(1)
    refused = rng.random((60, 3, 4)) < np.array([0.02, 0.02, 0.5])[:, None]
    found = contrasts(refusal_measurements(~refused, refused, np.arange(60) % 30))
    assert (found.verdict[:, 0] == DIFFERENT).tolist() == [False, True, True]
    assert found.differences.difference[1, 0] < -0.3


def test_a_model_never_asked_has_nothing_and_contradictions_are_refused() -> None:
    nothing = np.zeros((10, 1, 2), dtype=bool)
    found = worst_cases(np.zeros((10, 1, 2, 1)), nothing, nothing, np.arange(10))
    assert np.isnan(found.least).all()
    assert np.isnan(found.high).all()
    with pytest.raises(ValueError, match="both answered and refused"):
        refusal_measurements(~nothing, ~nothing, np.arange(10))
    with pytest.raises(ValueError, match="must both be"):
        refusal_measurements(nothing, nothing[0], np.arange(10))
    with pytest.raises(ValueError, match="expressions"):
        worst_cases(np.zeros((10, 1, 3, 1)), nothing, nothing, np.arange(10))
