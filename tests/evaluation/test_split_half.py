"""Split halves by hand, against loops over the plain estimators, where no model differs, and beside random judges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from adaem.evaluation.divergence.quadratic import quadratic_divergence
from adaem.evaluation.reliability.random_judges import random_judges
from adaem.evaluation.reliability.split_half import FEWEST_QUESTIONS, STATISTICS, SplitHalves, _first_halves, split_half
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray


@dataclass
class Answers:
    """A complete grid as flat rows: expressions (N, d) and the labels of each row."""

    expressions: NDArray[np.bool_]
    question: NDArray[Any]
    model: NDArray[Any]
    wording: NDArray[Any]

    def rows(self, kept: NDArray[Any]) -> Answers:
        labels = (self.question, self.model, self.wording)
        return Answers(self.expressions[kept], *(each[kept] for each in labels))

    def halves(self, seed: int = 3, **options: Any) -> SplitHalves | None:
        options = {"shuffles": 20, "halvings": 4} | options
        return split_half(
            self.expressions,
            self.question,
            self.model,
            self.wording,
            rng=np.random.default_rng(seed),
            **options,
        )


def grid(expressed: NDArray[np.bool_]) -> Answers:
    """``expressed`` (Q, K, W, d), one answer to each wording."""
    shape = expressed.shape[:3]
    question, model, wording = (each.ravel() for each in np.indices(shape))
    return Answers(expressed.reshape(-1, expressed.shape[-1]), question, model, wording)


def drawn(rates: NDArray[np.float64], wordings: int, seed: int) -> Answers:
    """``rates`` (Q, K, d), drawn for each wording."""
    rng = np.random.default_rng(seed)
    questions, models, values = rates.shape
    return grid(rng.random((questions, models, wordings, values)) < rates[:, :, None, :])


def differing(questions: int = 12) -> NDArray[np.float64]:
    """Three models that hold one value each; half of the questions call them up."""
    rates = np.full((questions, 3, 3), 0.2)
    rates[::2] += 0.7 * np.eye(3)
    return rates


def test_answers_that_never_vary_within_a_model_agree_with_themselves() -> None:
    rates = np.zeros((6, 2, 2))
    rates[:3, 0, 0] = rates[:3, 1, 1] = 1  # three questions separate the models wholly, three not at all
    found = drawn(rates, wordings=4, seed=0).halves()
    assert found is not None
    assert found.quadratic.observed == pytest.approx(1)
    assert found.profiles.observed == pytest.approx(1)
    assert found.raw_profiles.observed == pytest.approx(1)
    assert (found.models, found.questions, found.left_out) == (2, 6, ())


def test_the_figures_are_those_of_the_plain_estimators() -> None:
    expressed = np.random.default_rng(5).random((7, 3, 6, 4)) < np.linspace(0.1, 0.8, 7)[:, None, None, None]
    found = grid(expressed).halves(seed=9, halvings=2)
    assert found is not None
    correlations: dict[str, list[float]] = {"quadratic": [], "profiles": []}
    for one in _first_halves(np.arange(6), np.arange(6), 2, np.random.default_rng(9)):
        divergences: list[list[float]] = []
        profiles: list[Any] = []
        for half in (one, ~one):
            counts = expressed[:, :, half].sum(axis=2)
            divergences.append([float(quadratic_divergence(each, np.full(3, 3))) for each in counts])
            rates = expressed[:, :, half].mean(axis=(0, 2))
            centred = rates - rates.mean(axis=0) - rates.mean(axis=1, keepdims=True) + rates.mean()
            profiles.append(centred.ravel())
        correlations["quadratic"].append(np.corrcoef(divergences[0], divergences[1])[0, 1])
        correlations["profiles"].append(np.corrcoef(profiles[0], profiles[1])[0, 1])
    assert found.quadratic.observed == pytest.approx(np.mean(correlations["quadratic"]))
    assert found.profiles.observed == pytest.approx(np.mean(correlations["profiles"]))


def test_models_that_differ_are_seen() -> None:
    found = drawn(differing(), wordings=10, seed=1).halves(shuffles=100)
    assert found is not None
    assert found.quadratic.exceeds
    assert found.profiles.exceeds
    assert found.quadratic.observed > 0.5
    assert abs(found.profiles.shuffled_mean) < 0.2


@pytest.mark.slow
def test_models_that_do_not_differ_are_not_seen_however_much_questions_and_values_do() -> None:
    base = np.random.default_rng(2).uniform(0.0, 0.4, (20, 1, 5)) + np.linspace(0.0, 0.6, 5)
    alike = [
        drawn(np.broadcast_to(base, (20, 4, 5)), wordings=8, seed=seed).halves(seed, shuffles=100) for seed in range(20)
    ]
    # Each figure exceeds its 95th percentile once in twenty; both at once is rarer still.
    assert sum(found is not None and found.quadratic.exceeds and found.profiles.exceeds for found in alike) <= 1
    assert all(found is not None and found.raw_profiles.observed > 0.8 for found in alike)


def test_one_model_that_says_more_of_everything_makes_no_profile() -> None:
    rates = np.full((20, 3, 4), 0.3)
    rates[:, 0] = 0.7
    profiles = [drawn(rates, wordings=8, seed=seed).halves(seed) for seed in range(10)]
    assert sum(found is not None and found.profiles.exceeds for found in profiles) <= 2


def test_labels_shuffled_among_equal_answers_change_nothing() -> None:
    same = np.random.default_rng(3).random((8, 1, 6, 3)) < 0.5
    found = grid(np.broadcast_to(same, (8, 4, 6, 3))).halves()
    assert found is not None
    assert found.raw_profiles.shuffled_mean == pytest.approx(found.raw_profiles.observed)
    assert not found.quadratic.exceeds


def test_without_wordings_each_models_answers_are_halved_whichever_are_missing() -> None:
    answers = drawn(differing(), wordings=5, seed=4)
    answers = answers.rows((answers.question + answers.model + answers.wording) % 5 > 0)
    answers.wording = np.full_like(answers.wording, 7)
    found = answers.halves(shuffles=100)
    assert found is not None
    assert found.questions == 12
    assert found.quadratic.exceeds


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_names_of_models_do_not_matter(random: Any) -> None:
    answers = drawn(differing(), wordings=6, seed=6)
    order, names = list(range(len(answers.model))), ["b", "c", "a"]
    random.shuffle(order)
    random.shuffle(names)
    other = answers.rows(np.array(order))
    other.model = np.array(names)[other.model]
    expected, found = answers.halves(shuffles=2), other.halves(shuffles=2)
    assert expected is not None
    assert found is not None
    for name in STATISTICS:
        assert getattr(found, name).observed == pytest.approx(getattr(expected, name).observed)


def test_a_question_without_two_answers_of_every_model_in_a_half_is_left_out() -> None:
    answers = drawn(differing(), wordings=4, seed=7)
    gap = (answers.question == 3) & (answers.model == 1) & (answers.wording == 2)
    found, without = answers.rows(~gap).halves(), answers.rows(answers.question != 3).halves()
    assert found is not None
    assert found.questions == 11
    assert found == without


def test_a_model_with_few_answers_is_left_out_and_does_not_silence_the_others() -> None:
    answers = drawn(differing(), wordings=6, seed=7)
    sparse = answers.rows((answers.model != 2) | (answers.question < 4))
    found, without = sparse.halves(), answers.rows(answers.model != 2).halves()
    assert found is not None
    assert without is not None
    assert (found.left_out, found.models, found.questions) == ((2,), 2, 12)
    assert found.quadratic == without.quadratic


@pytest.fixture(scope="module")
def style_of_models() -> tuple[Answers, list[str]]:
    """Four models with words of their own, which show more on some questions than on others; 8 answers to each."""
    rng = np.random.default_rng(0)
    load = np.linspace(0, 1, 20)[:, None, None]
    habits, subjects = rng.dirichlet(np.full(30, 0.4), 4), rng.dirichlet(np.full(30, 0.4), (20, 1))
    answers = grid(np.zeros((20, 4, 8, 3), dtype=bool))
    letters = np.array([f"w{chr(97 + number)}" for number in range(26)] + ["xa", "xb", "xc", "xd"])
    chances = (load * habits + (1 - load) * subjects)[answers.question, answers.model]
    return answers, [" ".join(rng.choice(letters, 40, p=chance)) for chance in chances]


def test_a_judge_of_words_does_not_exceed_random_judges(style_of_models: tuple[Answers, list[str]]) -> None:
    answers, texts = style_of_models
    rates = np.random.default_rng(1).random((len(texts), 3)) < [0.2, 0.4, 0.6]
    judges = list(random_judges(texts, rates, np.random.default_rng(2), judges=50))
    assert all(np.abs(labels.mean(axis=0) - rates.mean(axis=0)).max() < 0.02 for labels in judges)
    figures = []
    for answers.expressions in judges[:10]:
        found = answers.halves(random_judges=judges[10:], shuffles=20)
        assert found is not None
        figures.append(found.quadratic)
    assert sum(each.observed > each.shuffled_high for each in figures) >= 9
    assert sum(each.exceeds for each in figures) <= 2


def test_random_judges_label_equal_texts_alike_and_no_value_that_nobody_expresses() -> None:
    texts = ["the same words", "The same words!", "others here", ""] * 5
    expressed = np.zeros((20, 2), dtype=bool)
    expressed[:7, 0] = True
    for labels in random_judges(texts, expressed, np.random.default_rng(0), judges=5):
        assert not labels[:, 1].any()
        assert labels[:, 0].sum() >= 7
        assert np.array_equal(labels[0::4], labels[1::4])


def test_what_cannot_be_told_is_not_told() -> None:
    answers = drawn(differing(), wordings=6, seed=8)
    assert answers.rows(answers.model == 0).halves() is None
    assert answers.rows(answers.wording < 3).halves() is None
    assert answers.rows(answers.question < FEWEST_QUESTIONS - 1).halves() is None
    assert answers.rows(answers.question < FEWEST_QUESTIONS).halves() is not None
    assert answers.rows(answers.question < 0).halves() is None


def test_a_judge_that_labels_nothing_sees_nothing() -> None:
    found = grid(np.zeros((6, 2, 4, 3), dtype=bool)).halves()
    assert found is not None
    assert np.isnan(found.quadratic.observed)
    assert not found.quadratic.exceeds


def test_a_verdict_that_other_random_judges_might_change_is_on_the_border() -> None:
    """Judges that repeat the labels reach the figure, judges that label nothing do not: so many of 200, by hand."""
    answers = drawn(differing(), wordings=6, seed=1)
    same, nothing = answers.expressions, np.zeros_like(answers.expressions)

    def halved(reaching: int, judges: int = 200) -> SplitHalves:
        order = np.random.default_rng(0).permutation(judges) < reaching
        found = answers.halves(random_judges=(same if reaches else opposite for reaches in order))
        assert found is not None
        return found

    # Labels whose models are shuffled see less than the labels themselves.
    opposite = np.random.default_rng(2).permutation(
        nothing | (np.random.default_rng(3).random(same.shape) < same.mean(0))
    )
    clear, border, never = halved(0), halved(10), halved(200)
    assert (clear.quadratic.exceeds, clear.quadratic.on_the_border, clear.random_judges) == (True, False, 120)
    assert clear.quadratic.reached == pytest.approx((0.0, 0.0, 0.0432), abs=1e-4)
    assert (border.quadratic.exceeds, border.quadratic.on_the_border, border.random_judges) == (False, True, 200)
    assert border.quadratic.reached[0] == 0.05
    assert (never.quadratic.exceeds, never.quadratic.on_the_border, never.random_judges) == (False, False, 40)
