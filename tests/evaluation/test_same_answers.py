"""Which questions get all but equal answers: twins are found where answers are many, others are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from adaem.evaluation.questions.same_answers import ResponsePattern, duplicate_links, nearly_equal
from hypothesis import given
from hypothesis import strategies as st

MODELS, CELLS = 5, 10


def drawn(rates: np.ndarray, samples: int, rng: np.random.Generator) -> ResponsePattern:
    cells = rng.random((MODELS, samples, CELLS)) < rates[:, None, :]
    return ResponsePattern(cells, np.ones((MODELS, samples), dtype=bool))


def test_a_question_asked_twice_is_linked_and_another_is_not() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.beta(0.5, 0.5, (MODELS, CELLS)), rng.beta(0.5, 0.5, (MODELS, CELLS))
    questions = [drawn(one, 40, rng), drawn(other, 40, rng), drawn(one, 40, rng)]
    equal = nearly_equal(questions, np.random.default_rng(2))
    assert equal.tolist() == [[False, False, True], [False, False, False], [True, False, False]]


@pytest.mark.slow
def test_few_answers_link_nothing_falsely() -> None:
    """At eight answers a model, of 6,000 pairs of unlike questions less than one in a thousand is linked."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(20):
        rates = rng.beta(0.5, 0.5, (25, MODELS, CELLS))
        found.append(nearly_equal([drawn(each, 8, rng) for each in rates], rng)[np.triu_indices(25, 1)])
    assert np.mean(found) < 0.001


def test_questions_on_which_models_agree_are_not_equal() -> None:
    """All answers the same: there is no distance between the models to compare with."""
    rng = np.random.default_rng(4)
    same = np.tile(rng.random(CELLS).round(), (MODELS, 1))
    assert not nearly_equal([drawn(same, 20, rng), drawn(same, 20, rng)], rng).any()


def test_what_was_not_answered_does_not_count() -> None:
    rng = np.random.default_rng(5)
    rates = rng.beta(0.5, 0.5, (MODELS, CELLS))
    one, other = drawn(rates, 40, rng), drawn(rates, 40, rng)
    # Two models never answered the second one: garbage in their cells must not be read.
    answered = other.answered.copy()
    answered[:2] = False
    silent = ResponsePattern(np.where(answered[..., None], other.cells, ~other.cells), answered)
    assert nearly_equal([one, silent], np.random.default_rng(6))[0, 1]
    answered = np.zeros_like(answered)
    answered[0] = True
    assert not nearly_equal([one, ResponsePattern(other.cells, answered)], np.random.default_rng(6)).any()


@given(st.integers(0, 2**32 - 1), st.integers(0, 4), st.integers(1, 6))
def test_equality_is_symmetric_whatever_is_missing(seed: int, count: int, samples: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (MODELS, samples)
    questions = [ResponsePattern(rng.random((*shape, CELLS)) < 0.5, rng.random(shape) < 0.7) for _ in range(count)]
    equal = nearly_equal(questions, rng, resamples=5)
    assert equal.shape == (count, count)
    assert (equal == equal.T).all()
    assert not equal.diagonal().any()


def test_a_link_goes_to_the_best_that_is_itself_linked_to_none() -> None:
    equal = np.zeros((4, 4), dtype=bool)
    for one, other in ((0, 1), (1, 2), (1, 3), (2, 3)):
        equal[one, other] = equal[other, one] = True
    assert duplicate_links(["a", "b", "c", "d"], equal) == {"b": "a", "d": "c"}


def test_unlike_shapes_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="same models and cells"):
        nearly_equal(
            [drawn(np.ones((MODELS, CELLS)), 3, rng), ResponsePattern(np.ones((2, 3, 4), bool), np.ones((2, 3), bool))],
            rng,
        )
