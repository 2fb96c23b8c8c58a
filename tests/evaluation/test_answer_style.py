"""Style as a rival explanation: an artefact of length is found, a difference of another kind is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from adaem.evaluation.reliability.answer_style import StyleShare, style_features, style_share

QUESTIONS, MODELS, ANSWERS, VALUES = 40, 5, 5, 4


def share(kind: str, seed: int = 0) -> StyleShare | None:
    """Models whose answers differ in length by a third each, and in values by ``kind``."""
    rng = np.random.default_rng(seed)
    question, model, _ = (each.ravel() for each in np.indices((QUESTIONS, MODELS, ANSWERS)))
    length = 4 + 0.3 * model + rng.normal(0, 0.5, len(model))
    log_odds = rng.normal(-0.5, 1.0, (QUESTIONS, VALUES))[question]
    if kind == "length":
        log_odds = log_odds + 1.5 * (length - 4.6)[:, None]
    if kind == "values":
        log_odds = log_odds + rng.normal(0, 0.8, (MODELS, VALUES))[model]
    expressed = rng.random(log_odds.shape) < 1 / (1 + np.exp(-log_odds))
    style = np.stack([length, np.zeros_like(length), 0.5 * model], axis=1)
    return style_share(expressed, style, question, model, question)


@pytest.mark.parametrize(("kind", "truth"), [("length", 1.0), ("values", 0.0)])
def test_the_share_of_style_in_the_differences(kind: str, truth: float) -> None:
    found = [share(kind, seed) for seed in range(10)]
    assert all(each is not None and abs(each.share - truth) < 0.3 for each in found)
    assert sum(each is not None and each.interval[0] <= truth <= each.interval[1] for each in found) >= 8


def test_where_models_do_not_differ_there_is_nothing_to_explain() -> None:
    assert sum(share("nothing", seed) is not None for seed in range(10)) <= 1


def test_style_that_only_tells_the_models_apart_explains_nothing() -> None:
    rng = np.random.default_rng(1)
    question, model = (each.ravel() for each in np.indices((QUESTIONS, 2)))
    expressed = rng.random((len(model), 1)) < np.array([0.2, 0.8])[model, None]
    assert style_share(expressed, model[:, None], question, model, question) is None


def test_features_count_words_marks_and_hedges_in_any_script() -> None:
    texts = ["", "It might **perhaps** be so", "# Yes\n- one\n2. two", "自由很重要"]
    words, marks, hedges = np.expm1(style_features(texts)).round().T.tolist()
    assert (words, marks, hedges) == ([0, 5, 3, 5], [0, 2, 3, 0], [0, 2, 0, 0])
