"""Clustered means and profiles: hand cases, invariances, rates at the ends, missing answers, coverage."""

from typing import Any

import numpy as np
import pytest
from adaem.domain.evidence import FEWEST_TOPICS_FOR_AN_INTERVAL
from adaem.evaluation.intervals.clustered_means import clustered_means, rate_interval
from adaem.evaluation.models.measurements import Measurements, measure
from adaem.evaluation.models.profiles import profiles
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtrit


def evaluated(
    rng: np.random.Generator,
    topics: int = 12,
    models: int = 3,
    samples: int = 3,
    values: int = 4,
    rate: float = 0.4,
    missing: float = 0.2,
) -> Measurements:
    labels = np.repeat(np.arange(topics), rng.integers(1, 5, size=topics))
    shape = (len(labels), models, samples, values)
    return measure(rng.random(shape) < rate, rng.random(shape[:3]) >= missing, labels)


def explicit(values: NDArray[Any], labels: NDArray[Any]) -> tuple[Any, Any]:
    """CR2 and its Satterthwaite degrees from the matrices of the regression on a constant."""
    n = len(values)
    x = np.ones((n, 1))
    annihilator = np.eye(n) - np.full((n, n), 1 / n)
    residuals = values - values.mean()
    same = labels[:, None] == labels[None, :]
    off = same & ~np.eye(n, dtype=bool)
    products = np.outer(residuals, residuals)
    correlation = np.clip(products[off].mean() / np.square(residuals).mean(), 0, 1)
    working = np.where(same, correlation, 0.0)
    np.fill_diagonal(working, 1.0)
    total, columns = 0.0, []
    for label in np.unique(labels):
        rows = labels == label
        eigenvalues, vectors = np.linalg.eigh(annihilator[np.ix_(rows, rows)])
        root = vectors @ np.diag(eigenvalues**-0.5) @ vectors.T
        total += float((residuals[rows] @ root @ x[rows]).item()) ** 2
        columns.append((annihilator[:, rows] @ root @ x[rows])[:, 0])
    design = np.stack(columns, axis=1)
    spread = design.T @ working @ design
    return np.sqrt(total) / n, np.trace(spread) ** 2 / np.trace(spread @ spread)


def test_error_and_degrees_equal_the_explicit_matrices() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(9), rng.integers(1, 8, size=9))
    for effect in (0.0, 1.0, 4.0):
        values = effect * rng.normal(size=9)[labels] + rng.normal(size=len(labels))
        found = clustered_means(values, labels)
        error, degrees = explicit(values, labels)
        assert found.mean == pytest.approx(values.mean())
        assert found.standard_error == pytest.approx(error)
        assert found.degrees == pytest.approx(degrees)


def test_one_question_a_topic_is_the_textbook_t() -> None:
    values = np.random.default_rng(1).normal(size=15)
    found = clustered_means(values, np.arange(15))
    assert found.standard_error == pytest.approx(values.std(ddof=1) / np.sqrt(15))
    assert found.degrees == pytest.approx(14)


def test_equal_topics_have_one_degree_less_than_topics() -> None:
    rng = np.random.default_rng(2)
    labels = np.repeat(np.arange(10), 4)
    values = rng.normal(size=10)[labels] + rng.normal(size=40)
    found = clustered_means(values, labels)
    by_topic = values.reshape(10, 4).mean(axis=1)
    assert found.degrees == pytest.approx(9)
    assert found.standard_error == pytest.approx(by_topic.std(ddof=1) / np.sqrt(10))


def test_missing_questions_leave_only_their_column() -> None:
    rng = np.random.default_rng(3)
    labels = np.repeat(np.arange(8), 3)
    values = rng.normal(size=(24, 2))
    values[[0, 1, 2, 7], 1] = np.nan
    found = clustered_means(values, labels)
    kept = ~np.isnan(values[:, 1])
    for column, rows in ((0, slice(None)), (1, kept)):
        alone = clustered_means(values[rows, column], labels[rows])
        for name in ("mean", "standard_error", "degrees", "questions", "topics"):
            assert getattr(found, name)[column] == pytest.approx(getattr(alone, name))
    assert found.topics.tolist() == [8, 7]


def test_interval_by_hand() -> None:
    # 16 topics of one question, 4 of them express: variance 3/16 x 16/15 / 16 = 1/80, effective size 15, t(15)
    means = clustered_means(np.repeat([1.0, 0.0], [4, 12]), np.arange(16))
    assert means.standard_error == pytest.approx(np.sqrt(1 / 80))
    t = stdtrit(15, 0.975)
    centre = (0.25 + t**2 / 30) / (1 + t**2 / 15)
    half = t * np.sqrt(0.25 * 0.75 / 15 + t**2 / 900) / (1 + t**2 / 15)
    low, high = rate_interval(means, 16)
    assert high == pytest.approx(centre + half)
    # 3.75 of 15 draws: the exact bound lies below Wilson's end
    assert low == pytest.approx(betaincinv(3.75, 12.25, 0.05))
    assert low < centre - half


def test_the_effective_size_is_at_most_the_answers() -> None:
    # Ten topics of nearly one rate: their spread would make 10 x 3 answers look like thousands.
    means = clustered_means(0.5 + 0.001 * np.tile([-1.0, 1.0], 5), np.arange(10))
    low, high = rate_interval(means, 30)
    t = stdtrit(9, 0.975)
    assert high - low == pytest.approx(t / np.sqrt(30 + t**2))


@pytest.mark.parametrize("expressed", [False, True])
def test_never_or_always_expressed_is_no_point_interval(expressed: bool) -> None:
    labels = np.repeat(np.arange(20), 3)
    shape = (60, 1, 3, 2)
    found = profiles(measure(np.full(shape, expressed), np.ones(shape[:3], dtype=bool), labels))
    t = stdtrit(19, 0.975)
    bound = t**2 / (20 + t**2)
    low, high = found.rates.low[0, 0], found.rates.high[0, 0]
    assert (low, high) == pytest.approx((1 - bound, 1) if expressed else (0, bound))
    assert found.centred.mean[0, 0] == 0
    assert found.centred.high[0, 0] - found.centred.low[0, 0] == pytest.approx(bound)


def test_profiles_by_hand_and_what_is_counted() -> None:
    expressions = np.zeros((6, 2, 2, 2), dtype=bool)
    expressions[:, 0, :, 0] = True
    answered = np.ones((6, 2, 2), dtype=bool)
    answered[0, 0] = False  # no answer at all: the question is left out for model 0 only
    answered[1, 0, 1] = False  # one answer: still a rate
    found = profiles(measure(expressions, answered, np.arange(6)))
    assert found.rates.mean.tolist() == [[1, 0], [0, 0]]
    assert found.centred.mean.tolist() == [[0.5, -0.5], [0, 0]]
    assert (found.questions.tolist(), found.unanswered.tolist()) == ([5, 6], [1, 0])
    assert (found.answers.tolist(), found.topics.tolist()) == ([9, 12], [5, 6])


def test_too_few_topics_and_a_silent_model_have_no_interval() -> None:
    rng = np.random.default_rng(4)
    few = profiles(evaluated(rng, topics=FEWEST_TOPICS_FOR_AN_INTERVAL - 1, missing=0))
    assert np.isnan(few.rates.low).all()
    assert np.isnan(few.centred.high).all()
    assert not np.isnan(few.rates.mean).any()
    measured = evaluated(rng, missing=0)
    answers, rates = measured.answers.copy(), measured.rates.copy()
    answers[:, 1], rates[:, 1] = 0, np.nan
    silent = profiles(Measurements(rates, answers, measured.topics))
    assert np.isnan(silent.rates.mean[1]).all()
    assert silent.questions.tolist()[1] == 0
    assert not np.isnan(silent.rates.high[[0, 2]]).any()
    nothing = profiles(measure(np.zeros((0, 2, 3, 4)), np.zeros((0, 2, 3)), np.zeros(0)))
    assert np.isnan(nothing.rates.mean).all()


def test_shapes_and_gaps_are_checked() -> None:
    with pytest.raises(ValueError, match="answered"):
        measure(np.zeros((2, 3, 4, 5)), np.zeros((2, 3)), [0, 1])
    with pytest.raises(ValueError, match="one label a question"):
        measure(np.zeros((2, 3, 4, 5)), np.ones((2, 3, 4)), [0])
    with pytest.raises(ValueError, match="NaN exactly"):
        Measurements(np.zeros((1, 1, 1)), np.zeros((1, 1), dtype=np.int64), np.zeros(1))
    with pytest.raises(ValueError, match="one label for each row"):
        clustered_means(np.zeros(3), np.zeros(2))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.02, 0.4, 0.97]))
def test_order_and_labels_do_not_matter(seed: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    measured = evaluated(rng, rate=rate)
    once = profiles(measured)
    rows, models = rng.permutation(len(measured.rates)), rng.permutation(3)
    names = np.array([f"topic {label}" for label in rng.permutation(1000)])[measured.topics]
    shuffled = Measurements(measured.rates[rows][:, models], measured.answers[rows][:, models], names[rows])
    again = profiles(shuffled)
    for part in ("rates", "centred"):
        for name in ("mean", "low", "high"):
            there, here = getattr(getattr(once, part), name)[models], getattr(getattr(again, part), name)
            assert np.allclose(there, here, atol=1e-9, equal_nan=True)
    rates = once.rates
    assert np.all((rates.low >= 0) & (rates.low <= rates.mean) & (rates.mean <= rates.high) & (rates.high <= 1))
    assert np.all(rates.high - rates.low > 0.01)
    assert np.allclose(once.centred.mean.sum(axis=1), 0)


def test_coverage_with_unequal_topics() -> None:
    rng = np.random.default_rng(5)
    hits, draws = np.zeros(2), 400
    for _ in range(draws):
        labels = np.repeat(np.arange(20), rng.geometric(1 / 5, size=20))
        of_topic = rng.beta([0.5, 2], [4.5, 2], size=(20, 2))[labels]
        answers = rng.random((len(labels), 1, 3, 2)) < of_topic[:, None, None]
        found = profiles(measure(answers, np.ones(answers.shape[:3]), labels)).rates
        hits += (found.low[0] <= [0.1, 0.5]) & (found.high[0] >= [0.1, 0.5])
    assert np.all(hits / draws > 0.915)
    assert np.all(hits / draws < 0.985)
