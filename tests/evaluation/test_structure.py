"""The theory's circle in the answers, the choice of a short form, and the questions as texts."""

from typing import Any

import numpy as np
import pytest
from adaem.evaluation.questions.short_form import choose_short_form
from adaem.evaluation.questions.text_quality import compare_texts, self_bleu, text_quality, vendi_score, words_of
from adaem.evaluation.reliability.circular_structure import circle_structure
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray


def on_a_circle(rng: np.random.Generator, questions: int = 150, models: int = 3, values: int = 6) -> NDArray[Any]:
    """Rates where each question calls up the values near an angle of its own."""
    angles = rng.uniform(0, 2 * np.pi, size=(questions, 1, 1))
    pull = np.cos(angles - 2 * np.pi * np.arange(values) / values)
    return 0.4 + 0.3 * pull + rng.normal(0, 0.1, size=(questions, models, values))


def test_a_circle_is_found_and_a_scrambled_one_is_not() -> None:
    rng = np.random.default_rng(0)
    rates = on_a_circle(rng, values=8)
    result = circle_structure(rates, np.arange(150), range(8), rng, draws=200)
    assert result.fit is not None
    assert result.interval is not None
    assert result.p_value is not None
    assert result.fit < -0.9
    assert result.interval[0] <= result.fit <= result.interval[1] < -0.8
    assert result.p_value < 0.01
    assert (np.diff(result.by_distance) < 0).all()
    assert len(result.by_distance) == 4
    assert (result.of_models < -0.9).all()
    scrambled = circle_structure(rates, np.arange(150), [0, 4, 1, 5, 2, 6, 3, 7], rng, draws=0)
    assert scrambled.fit is not None
    assert scrambled.p_value is not None
    assert scrambled.fit > -0.5
    assert scrambled.p_value > 0.05
    assert scrambled.interval is None


def test_turning_the_circle_changes_nothing() -> None:
    rates = on_a_circle(np.random.default_rng(1))
    one = circle_structure(rates, np.arange(150), range(6), np.random.default_rng(0), draws=0)
    turned = circle_structure(rates, np.arange(150), [3, 2, 1, 0, 5, 4], np.random.default_rng(0), draws=0)
    assert turned.fit == pytest.approx(one.fit)
    assert turned.by_distance == pytest.approx(one.by_distance)


def test_a_difference_between_models_is_no_structure() -> None:
    # Within each model nothing goes together; only the models' levels do.
    rng = np.random.default_rng(2)
    level = np.array([[0.1] * 5, [0.9] * 5])
    rates = level + rng.normal(0, 0.05, size=(400, 2, 5))
    result = circle_structure(rates, np.arange(400), range(5), rng, draws=0)
    assert np.abs(result.correlations - np.eye(5)).max() < 0.15


def test_missing_answers_and_constant_values_are_left_out() -> None:
    rng = np.random.default_rng(3)
    rates = on_a_circle(rng, values=7)
    rates[..., 6] = 0
    rates[:50, 0] = np.nan
    result = circle_structure(rates, np.arange(150) // 2, range(7), rng, draws=50)
    assert result.left_out.tolist() == [False] * 6 + [True]
    assert np.isnan(result.correlations[6]).all()
    assert result.fit is not None
    assert (result.questions, result.topics) == (150, 75)
    nothing = circle_structure(np.zeros((5, 2, 6)), np.arange(5), range(6), rng, draws=20)
    assert (nothing.fit, nothing.interval, nothing.p_value) == (None, None, None)
    few = circle_structure(rates[:, :, :3], np.arange(150), range(3), rng, draws=20)
    assert few.fit is None
    with pytest.raises(ValueError, match="at most once"):
        circle_structure(rates, np.arange(150), [0, 0, 1], rng)


def short_world(rng: np.random.Generator, questions: int = 200, models: int = 4, values: int = 6) -> NDArray[Any]:
    base, differences = rng.normal(-1, 1, size=(questions, 1, values)), rng.normal(0, 0.7, size=(models, values))
    load = np.exp(rng.normal(0, 0.7, size=(questions, 1, values)))
    return 1 / (1 + np.exp(-(base + load * differences + rng.normal(0, 0.4, size=(questions, models, values)))))


def double_centred(profile: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(profile - profile.mean(axis=0) - profile.mean(axis=1, keepdims=True) + profile.mean())


def test_a_short_form_keeps_more_than_random_questions() -> None:
    chosen_better = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        chances = short_world(rng)
        search = rng.binomial(3, chances) / 3
        short = choose_short_form(search, np.full((200, 4), 3), np.arange(200) // 2, 20)
        fresh = rng.binomial(3, chances) / 3
        whole = double_centred(chances.mean(axis=0)).ravel()

        def kept(rows: NDArray[Any], fresh: NDArray[Any] = fresh, whole: NDArray[Any] = whole) -> float:
            return float(np.corrcoef(double_centred(fresh[rows].mean(axis=0)).ravel(), whole)[0, 1])

        chosen_better.append(
            kept(short.chosen) - np.mean([kept(rng.choice(200, 20, replace=False)) for _ in range(20)])
        )
        assert len(set(short.chosen.tolist())) == 20
        assert short.topics == 20
    assert np.mean(chosen_better) > 0.02
    assert np.mean(np.array(chosen_better) > 0) > 0.8


def test_questions_that_separate_come_first_and_unmeasured_ones_last() -> None:
    rates = np.full((6, 3, 2), 0.5)
    rates[1] = rates[4] = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    answers = np.full((6, 3), 4)
    answers[0, 1:] = 1
    rates[5, :2], answers[5, :2] = np.nan, 0
    result = choose_short_form(rates, answers, np.arange(6), 6)
    assert set(result.chosen[:2].tolist()) == {1, 4}
    assert set(result.chosen[-2:].tolist()) == {0, 5}
    assert np.isnan(result.agreement).tolist() == [True, False, False, False, False, True]
    # centred: +1/3 (first model) and -1/6 (others) in both values, signs opposite
    assert result.difference[1] == pytest.approx(((2 / 3 / 1) ** 2 * 2 + (1 / 3) ** 2 * 4) / 6)
    same_topic = choose_short_form(rates, answers, [0, 1, 2, 3, 1, 5], 2)
    assert same_topic.chosen.tolist() == [1, 2]
    with pytest.raises(ValueError, match="at least one"):
        choose_short_form(rates, answers, np.arange(6), 0)


def test_agreement_uses_the_other_questions_only() -> None:
    rng = np.random.default_rng(5)
    rates = rng.integers(0, 4, size=(500, 3, 4)) / 3
    result = choose_short_form(rates, np.full((500, 3), 3), np.arange(500), 500)
    assert result.agreement.mean() == pytest.approx(0, abs=1e-3)
    assert len(result.chosen) == 500


def test_self_bleu_is_that_of_nltk() -> None:
    texts = ["Is it right to ban cars?", "Is it right to ban meat?", "Should the state ban cars at once?"]
    # nltk 3.10.4: sentence_bleu(others, text, smoothing_function=SmoothingFunction().method1) of each
    each = [0.8408964152537145, 0.7598356856515925, 0.06985342056580097]
    assert self_bleu([words_of(text) for text in texts]) == pytest.approx(np.mean(each))


def test_quality_by_hand() -> None:
    result = text_quality(["a b c", "a b d", "ab"], [[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
    assert (result.count, result.words) == (3, pytest.approx(7 / 3))
    assert result.distinct_pairs == pytest.approx(3 / 4)
    assert result.mean_similarity == pytest.approx(0)
    assert result.coverage == pytest.approx(2)
    assert result.without_vector == 1
    same = text_quality(["one two three four five"] * 3, np.ones((3, 2)))
    assert (same.self_bleu, same.distinct_pairs) == (pytest.approx(1), pytest.approx(1 / 3))
    assert (same.mean_similarity, same.coverage) == (pytest.approx(1), pytest.approx(1))


def test_other_scripts_and_nothing_at_all() -> None:
    assert words_of("可以 ok?") == ("可", "以", "ok")
    assert words_of("Дa! مرحبا") == ("дa", "مرحبا")
    empty = text_quality([], np.zeros((0, 3)))
    assert (empty.count, empty.words, empty.self_bleu, empty.coverage) == (0, None, None, None)
    marks = text_quality(["?!", "…"])
    assert (marks.words, marks.self_bleu, marks.distinct_pairs) == (0, None, None)
    lone = text_quality(["one question"], [[1.0, np.nan]])
    assert (lone.self_bleu, lone.mean_similarity, lone.without_vector) == (None, None, 1)
    with pytest.raises(ValueError, match="must be"):
        text_quality(["one"], [1.0])


def test_sets_are_compared_at_equal_counts() -> None:
    rng = np.random.default_rng(6)
    varied = [" ".join(rng.choice([f"w{n}" for n in range(500)], size=12)) for _ in range(60)]
    alike = [f"is it right to forbid {word}" for word in ("cars", "meat", "guns", "noise", "masks", "maps", "apps")]
    one, other = compare_texts(varied, alike, np.random.default_rng(0), vectors=rng.normal(size=(60, 8)))
    assert (one.count, other.count) == (7, 7)
    assert one.self_bleu is not None
    assert other.self_bleu is not None
    assert one.self_bleu < other.self_bleu
    assert one.distinct_pairs is not None
    assert other.distinct_pairs is not None
    assert one.distinct_pairs > other.distinct_pairs
    assert other.coverage is None
    assert one.coverage is not None
    assert 1 <= one.coverage <= 7
    assert compare_texts(varied, [], rng)[0].count == 0


@given(st.integers(0, 10**6))
def test_the_vendi_score_lies_between_one_and_the_count(seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(6, 4))
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    score = vendi_score(units)
    assert score is not None
    assert 1 <= score <= 4
    assert vendi_score(np.concatenate([units, units])) == pytest.approx(score)
