"""Noise from a pilot, and the answers that it asks for."""

from __future__ import annotations

import numpy as np
import pytest
from adaem.evaluation.questions.sample_allocation import (
    FEWEST_ANSWERS,
    VARIANCE_INCREASE,
    NoiseEstimates,
    affordable_answers,
    answers_needed,
    estimate_noise,
)


def noise(within: list[float], between: list[float]) -> NoiseEstimates:
    return NoiseEstimates(np.array(within), np.array(between), np.full(len(within), 10))


def test_noise_of_two_questions_by_hand() -> None:
    """Rates .5 and 1 of the first model, 0 and 1 of the second, two answers each, one value."""
    expressions = np.array([[[[1], [0]], [[0], [0]]], [[[1], [1]], [[1], [1]]]], dtype=bool)
    found = estimate_noise(expressions, np.ones((2, 2, 2), dtype=bool))
    # .5 * .5 * 2 on the first question, 0 on the second.
    assert found.within.tolist() == [0.25, 0.0]
    # Differences .5 and 0: variance .125, less the mean of .5 / 2 and 0 over questions, halved.
    assert found.between.tolist() == [0.0, 0.0]
    assert found.questions.tolist() == [2, 2]


def test_noise_is_unbiased_where_answers_are_missing() -> None:
    rng = np.random.default_rng(1)
    rates = rng.beta(0.5, 0.5, (4000, 3, 2))
    answered = rng.random((4000, 3, 4)) < 0.8
    expressions = (rng.random((4000, 3, 4, 2)) < rates[:, :, None]) & answered[..., None]
    found = estimate_noise(expressions, answered)
    assert found.within == pytest.approx((rates * (1 - rates)).mean(axis=(0, 2)), abs=0.01)
    # Models that are independent: half the variance of a difference is that of a rate, .125.
    assert found.between == pytest.approx(np.full(3, 0.125), abs=0.01)


def test_what_cannot_be_told_is_missing_not_zero() -> None:
    answered = np.array([[[True, True], [True, False]]] * 3)
    found = estimate_noise(np.zeros((3, 2, 2, 1), dtype=bool), answered)
    assert np.isnan(found.within[1])
    assert np.isnan(found.between).all()
    assert answers_needed(found, 5) == (5, 5)


def test_noise_decides_the_answers() -> None:
    found = noise([0.0, 0.05, 0.2, 0.2], [0.1, 0.1, 0.1, 0.0])
    numbers = answers_needed(found, 5)
    assert numbers == (2, 3, 4, 5)
    for within, between, number in zip(found.within, found.between, numbers, strict=True):
        assert between + within / number <= (1 + VARIANCE_INCREASE) * (between + within / 5) + 1e-12


def test_a_small_budget_reaches_every_question_before_any_gets_more() -> None:
    found = noise([0.0, 0.05, 0.2], [0.1, 0.1, 0.1])
    needed = answers_needed(found, 5)
    assert affordable_answers(found, needed, 100) == needed
    assert affordable_answers(found, needed, 1) == (2, 2, 2)
    assert affordable_answers(found, needed, 7) == (2, 2, 3)
    # .2 / 12 = .0167 beats .05 / 6 = .0083; then only the second model needs another.
    assert affordable_answers(found, needed, 8) == (2, 2, 4)
    assert affordable_answers(found, needed, 9) == (2, 3, 4)


def test_shapes_must_fit() -> None:
    with pytest.raises(ValueError, match="must be"):
        estimate_noise(np.zeros((2, 3, 2, 1), dtype=bool), np.zeros((2, 3, 3), dtype=bool))
    assert FEWEST_ANSWERS == 2
