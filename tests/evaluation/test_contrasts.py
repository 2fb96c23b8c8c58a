"""Contrasts: the textbook paired t, antisymmetry, missing answers, verdicts, silence where nothing differs, priming."""

from typing import Any

import numpy as np
import pytest
from adaem.evaluation.models.contrasts import ALIKE, DIFFERENT, UNSETTLED, contrasts, paired_differences
from adaem.evaluation.models.measurements import Measurements, measure
from adaem.evaluation.questions.power import detectable_difference
from adaem.evaluation.reliability.priming import priming_effects
from hypothesis import given, settings
from hypothesis import strategies as st


def evaluated(
    rng: np.random.Generator, rates: Any, topics: int = 25, samples: int = 3, missing: float = 0.0
) -> Measurements:
    """Every model expresses every value at its rate, (K, d); topics of one to four questions."""
    rates = np.asarray(rates)
    labels = np.repeat(np.arange(topics), rng.integers(1, 5, size=topics))
    shape = (len(labels), len(rates), samples, rates.shape[1])
    return measure(rng.random(shape) < rates[:, None], rng.random(shape[:3]) >= missing, labels)


def test_one_question_a_topic_is_the_paired_t_test() -> None:
    from scipy.stats import ttest_rel

    rng = np.random.default_rng(0)
    first, second = rng.random((30, 4)), rng.random((30, 4))
    found = paired_differences(first, second, np.full((30, 4), 3), np.full((30, 4), 3), np.arange(30))
    textbook = ttest_rel(first, second)
    assert found.difference == pytest.approx(first.mean(axis=0) - second.mean(axis=0))
    assert found.p_value == pytest.approx(textbook.pvalue)
    assert found.degrees == pytest.approx(29)


def test_pairs_are_all_and_in_order() -> None:
    found = contrasts(evaluated(np.random.default_rng(2), np.full((4, 2), 0.3)))
    assert found.pairs.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]
    assert found.q_value.shape == found.verdict.shape == found.more_questions.shape == (6, 2)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.4]))
def test_swapping_models_flips_every_sign(seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    measured = evaluated(rng, [[0.02, 0.5, 0.9], [0.1, 0.4, 0.97], [0.0, 0.5, 0.5]], missing=missing)
    there = contrasts(measured)
    rows = rng.permutation(len(measured.rates))
    back = contrasts(
        Measurements(measured.rates[rows][:, ::-1], measured.answers[rows][:, ::-1], measured.topics[rows])
    )
    # pairs 01, 02, 12 turn into 12, 02, 01, each the other way round
    mine, other = there.differences, back.differences
    assert np.allclose(mine.difference, -other.difference[::-1])
    assert np.allclose(mine.low, -other.high[::-1])
    assert np.allclose(mine.p_value, other.p_value[::-1])
    assert np.allclose(there.q_value, back.q_value[::-1])
    assert np.array_equal(there.verdict, back.verdict[::-1])
    assert np.all((mine.low <= mine.difference) & (mine.difference <= mine.high) & (mine.low < mine.high))
    assert np.all((mine.low >= -1) & (mine.high <= 1))


def test_missing_answers_leave_the_question_for_that_pair() -> None:
    measured = evaluated(np.random.default_rng(3), np.full((3, 2), 0.4))
    answers, rates = measured.answers.copy(), measured.rates.copy()
    answers[:5, 2], rates[:5, 2] = 0, np.nan
    found = contrasts(Measurements(rates, answers, measured.topics)).differences
    whole = contrasts(measured).differences
    rest = contrasts(Measurements(rates[5:], answers[5:], measured.topics[5:])).differences
    for name in ("difference", "low", "high", "p_value", "degrees"):
        assert getattr(found, name)[0] == pytest.approx(getattr(whole, name)[0])
        assert getattr(found, name)[1:] == pytest.approx(getattr(rest, name)[1:])
    questions = len(rates)
    assert found.questions[:, 0].tolist() == [questions, questions - 5, questions - 5]


def test_verdicts() -> None:
    rng = np.random.default_rng(4)
    rates = [[0.1, 0.5, 0.5], [0.8, 0.5, 0.5]]
    found = contrasts(evaluated(rng, rates, topics=400, samples=10))
    assert found.verdict.tolist() == [[DIFFERENT, ALIKE, ALIKE]]
    assert found.more_questions.tolist() == [[0, 0, 0]]
    vague = contrasts(evaluated(rng, rates, topics=22, samples=2))
    assert vague.verdict.tolist() == [[DIFFERENT, UNSETTLED, UNSETTLED]]
    assert (vague.more_questions[0, 1:] > 0).all()
    assert (vague.detectable > vague.margin).all()
    few = contrasts(evaluated(rng, rates, topics=19, samples=50))
    assert few.q_value[0, 0] < 0.001
    assert (few.verdict == UNSETTLED).all()
    assert (few.more_questions >= 1).all()


def test_what_topics_do_to_both_models_cancels() -> None:
    rng = np.random.default_rng(8)
    of_topic = rng.random((40, 1))
    first, second = of_topic + rng.normal(0, 0.02, (40, 1)), of_topic + rng.normal(0, 0.02, (40, 1))
    answers = np.full((40, 1), 10_000)
    first, second = np.clip(first, 0, 1), np.clip(second, 0, 1)
    paired = paired_differences(first, second, answers, answers, np.arange(40))
    apart = paired_differences(first, rng.permutation(second), answers, answers, np.arange(40))
    assert (paired.high - paired.low).item() < 0.2 * (apart.high - apart.low).item()
    assert paired.planning_error == pytest.approx(paired.standard_error, rel=0.15)


def test_power_is_at_the_level_of_the_next_discovery() -> None:
    rates = np.full((4, 3), 0.4)
    rates[0] = [0.05, 0.4, 0.4]
    found = contrasts(evaluated(np.random.default_rng(9), rates, topics=40, samples=8))
    discoveries = int((found.q_value <= 0.05).sum())
    assert 3 <= discoveries < 18
    differences, level = found.differences, 0.05 * (discoveries + 1) / 18
    expected = detectable_difference(differences.planning_error, differences.degrees, level=level)
    assert found.detectable == pytest.approx(expected)


def test_agreement_everywhere_is_no_point_interval() -> None:
    labels = np.repeat(np.arange(20), 2)
    silent = measure(np.zeros((40, 2, 3, 1)), np.ones((40, 2, 3)), labels)
    found = contrasts(silent)
    assert (found.differences.difference.item(), found.differences.p_value.item()) == (0, 1)
    assert found.differences.low.item() == pytest.approx(-found.differences.high.item())
    assert found.differences.high.item() > 0.1
    assert found.verdict.item() == UNSETTLED
    opposite = measure(
        np.broadcast_to(np.array([True, False])[:, None, None], (40, 2, 3, 1)), np.ones((40, 2, 3)), labels
    )
    against = contrasts(opposite)
    assert against.verdict.item() == DIFFERENT
    assert 0.5 < against.differences.low.item() < 1 == against.differences.high.item()


def test_one_model_one_topic_one_question_and_disjoint_answers() -> None:
    rng = np.random.default_rng(5)
    assert contrasts(evaluated(rng, [[0.3, 0.4]])).q_value.shape == (0, 2)
    one = contrasts(evaluated(rng, [[0.3], [0.4]], topics=1))
    assert (one.verdict == UNSETTLED).all()
    assert np.isnan(one.differences.p_value).all()
    disjoint = np.zeros((30, 2, 2), dtype=bool)
    disjoint[:15, 0], disjoint[15:, 1] = True, True
    found = contrasts(measure(np.ones((30, 2, 2, 1)), disjoint, np.arange(30)))
    assert found.differences.questions.item() == 0
    assert found.verdict.item() == UNSETTLED
    assert np.isnan(found.more_questions.item())
    with pytest.raises(ValueError, match="margin"):
        contrasts(evaluated(rng, [[0.3], [0.4]]), margin=0)


@pytest.mark.slow
def test_identical_models_raise_no_alarm() -> None:
    rng = np.random.default_rng(6)
    draws = 200
    rates = np.broadcast_to([0.01, 0.05, 0.2, 0.5, 0.9], (5, 5))
    said = sum((contrasts(evaluated(rng, rates, topics=20)).verdict == DIFFERENT).any() for _ in range(draws))
    assert said / draws <= 0.075


def test_priming_by_hand() -> None:
    # Three values; value 0 opposes 2. Primed with 0: 0 from 1/2 to 1, 1 unchanged, 2 from 1 to 0.
    questions = 24
    before = np.zeros((questions, 1, 2, 3), dtype=bool)
    before[:, :, 0, 0], before[..., 2] = True, True
    after = np.zeros_like(before)
    after[..., 0] = True
    answered, topics = np.ones((questions, 1, 2), dtype=bool), np.arange(questions)
    opposites = np.zeros((3, 3), dtype=bool)
    opposites[0, 2] = opposites[2, 0] = True
    baseline, primed = measure(before, answered, topics), measure(after, answered, topics)
    found = priming_effects(baseline, [primed, baseline], [0, 1], opposites)
    assert found.own.differences.difference[:, 0].tolist() == [0.5, 0]
    assert found.own.cohen_h[0, 0] == pytest.approx(np.pi / 2)
    assert (found.opposite.baseline[0, 0], found.opposite.primed[0, 0]) == (1, 0)
    assert found.opposite.differences.high[0, 0] < 0
    assert found.own.differences.low[0, 0] > 0
    assert found.others.differences.difference[0, 0] == 0
    assert np.isnan(found.opposite.differences.difference[1, 0])  # value 1 has no opposite
    assert np.isnan(found.opposite.q_value[1, 0])
    with pytest.raises(ValueError, match="at least one"):
        priming_effects(baseline, [], [], opposites)
    with pytest.raises(ValueError, match="opposites"):
        priming_effects(baseline, [primed], [0], opposites[:2])


def test_priming_compares_each_model_with_itself_on_common_questions() -> None:
    rng = np.random.default_rng(7)
    topics = np.arange(40)
    answered = np.ones((40, 2, 4), dtype=bool)
    baseline = measure(rng.random((40, 2, 4, 2)) < np.array([[0.1], [0.6]])[:, None], answered, topics)
    gaps = answered.copy()
    gaps[:10, 1] = False
    primed = measure(rng.random((40, 2, 4, 2)) < 0.7, gaps, topics)
    own = priming_effects(baseline, [primed], [0], np.eye(2)[::-1]).own
    assert own.differences.questions.tolist() == [[40, 30]]
    assert own.baseline[0, 1] == pytest.approx(baseline.rates[10:, 1, 0].mean())
    assert own.differences.difference[0, 1] == pytest.approx(own.primed[0, 1] - own.baseline[0, 1])
    assert own.q_value[0, 0] < 1e-6
