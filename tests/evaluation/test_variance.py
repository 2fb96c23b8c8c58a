"""Variance shares against the analysis of variance, and Cronbach's alpha with topics as parcels."""

from typing import Any

import numpy as np
import pytest
from adaem.evaluation.reliability.consistency import Consistency, cronbach_alpha
from adaem.evaluation.reliability.variance_components import VarianceShares, variance_shares
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray


def shares(table: Any, *labels: Any, **more: Any) -> VarianceShares:
    """Of answers that have shares."""
    found = variance_shares(table, *labels, **more)
    assert found is not None
    return found


def alpha_of(rates: Any, topics: Any, rng: Any, **given: Any) -> Consistency:
    """Of answers that have an alpha."""
    found = cronbach_alpha(rates, topics, rng, **given)
    assert found is not None
    return found


def rows(scores: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """(Q, K, L, d) to rows (N, d) with the labels of model and question."""
    questions, models, samples, values = scores.shape
    question, model, _ = np.meshgrid(np.arange(questions), np.arange(models), np.arange(samples), indexing="ij")
    return scores.reshape(-1, values), model.ravel(), question.ravel()


def test_a_balanced_two_way_design_is_the_analysis_of_variance() -> None:
    # One value: only model, question, their interaction and the sample differ.
    scores = np.random.default_rng(0).normal(size=(7, 4, 3, 1)) + np.arange(4)[:, None, None]
    table, model, question = rows(scores)
    found = shares(table, model, question, question).components
    cells = scores[..., 0].mean(axis=2)
    residual = scores[..., 0].var(axis=2, ddof=1).mean()
    both = cells - cells.mean(axis=0) - cells.mean(axis=1, keepdims=True) + cells.mean()
    interaction = 3 * np.square(both).sum() / (6 * 3)
    of_model, of_question = 21 * cells.mean(axis=0).var(ddof=1), 12 * cells.mean(axis=1).var(ddof=1)
    # With one value the value and its interactions cannot be told from the others: add what goes together.
    assert found["value"].variance is None
    assert found["model"].variance is None
    table = np.concatenate([table, table], axis=1)
    found = shares(table, model, question, question).components
    assert found["model"].variance == pytest.approx((of_model - interaction) / 21)
    assert found["question"].variance == pytest.approx((of_question - interaction) / 12)
    assert found["model × question"].variance == pytest.approx((interaction - residual) / 3)
    assert found["sample"].variance == pytest.approx(residual)
    assert found["value"].variance == pytest.approx(0, abs=1e-12)
    assert found["model × value"].variance == pytest.approx(0, abs=1e-12)


def planted(
    rng: np.random.Generator, topics: int = 120, each: int = 3, models: int = 12, samples: int = 3, values: int = 8
) -> tuple[NDArray[Any], dict[str, float]]:
    """Normal scores with known variances, by component name."""
    known = {
        "model": 0.2, "value": 0.5, "model × value": 0.3, "topic": 0.2, "model × topic": 0.15, "value × topic": 0.2,
        "model × value × topic": 0.1, "question": 0.3, "model × question": 0.1, "value × question": 0.4,
        "model × value × question": 0.2, "sample": 1.0,
    }  # fmt: skip
    scores = np.zeros((topics * each, models, samples, values))
    for name, variance in known.items():
        parts = name.split(" × ")
        shape = [1, 1, 1, 1]
        if "topic" in parts:
            shape[0] = topics
        if "question" in parts:
            shape[0] = topics * each
        if "model" in parts:
            shape[1] = models
        if "value" in parts:
            shape[3] = values
        if name == "sample":
            shape = list(scores.shape)
        effect = rng.normal(0, np.sqrt(variance), size=shape)
        scores += np.repeat(effect, each, axis=0) if "topic" in parts else effect
    return scores, known


def unknown(result: VarianceShares) -> set[str]:
    return {name for name, component in result.components.items() if component.share is None}


def test_planted_components_are_found_without_balance() -> None:
    found = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        scores, known = planted(rng)
        table, model, question = rows(scores)
        kept = rng.random(len(table)) < 0.7
        result = shares(table[kept], model[kept], question[kept], question[kept] // 3)
        found.append([result.components[name].variance for name in known])
        assert sum(each.share for each in result.components.values() if each.share is not None) == pytest.approx(1)
        assert sum(each.variance or 0 for each in result.components.values()) == pytest.approx(result.total)
        assert unknown(result) == {"wording", "judge"}
        errors = [each.standard_error for each in result.components.values() if each.share is not None]
        assert all(error is not None and error > 0 for error in errors)
    mean = dict(zip(known, np.mean(np.array(found, dtype=float), axis=0), strict=True))
    for name, variance in known.items():
        few = {"value": 0.3, "model": 0.1, "model × value": 0.06}
        assert mean[name] == pytest.approx(variance, abs=few.get(name, 0.05)), name


def test_what_does_not_vary_is_zero_on_average_and_may_be_negative() -> None:
    variances = []
    for seed in range(40):
        expressions = np.random.default_rng(seed).random((20, 3, 2, 3)) < 0.3
        table, model, question = rows(expressions)
        variance = shares(table, model, question, question // 2).components["model × value"].variance
        assert variance is not None
        variances.append(variance)
    assert min(variances) < 0 < max(variances)
    assert np.mean(variances) == pytest.approx(0, abs=3 * np.std(variances) / np.sqrt(40))


def test_one_answer_cannot_tell_samples_from_interactions() -> None:
    expressions = np.random.default_rng(1).random((20, 3, 1, 3)) < 0.3
    table, model, question = rows(expressions)
    result = shares(table, model, question, question)
    assert {"sample", "model × question", "model × value × question"} <= unknown(result)
    assert result.components["model × value"].share is not None
    assert result.total is not None
    lone = shares(table[:1], model[:1], question[:1], question[:1])
    assert lone.total is None
    assert all(each.share is None for each in lone.components.values())
    assert variance_shares(table[:0], model[:0], question[:0], question[:0]) is None


def test_nothing_varies() -> None:
    result = shares(np.ones((12, 2), bool), np.arange(12) % 2, np.arange(12) // 4, np.arange(12) // 4)
    assert result.total == 0
    assert all(each.share is None for each in result.components.values())


def test_wordings_and_judges_have_shares_of_their_own() -> None:
    rng = np.random.default_rng(2)
    questions, models, wordings, samples, values, judges = 60, 4, 3, 3, 4, 2
    shape = (questions, models, wordings, samples, judges, values)
    scores = np.zeros(shape)
    for size, sd in (((questions, 1, wordings, 1, 1, 1), 0.5), ((*shape[:4], 1, values), 1.0), (shape, 0.7)):
        scores += rng.normal(0, sd, size=size)
    question, model, wording, sample, judge = (
        each.ravel() for each in np.meshgrid(*map(np.arange, shape[:5]), indexing="ij")
    )
    answer = wording * samples + sample
    result = shares(scores.reshape(-1, values), model, question, question, wording=wording, answer=answer)
    assert judge.max() == 1
    variances = {name: each.variance for name, each in result.components.items()}
    assert variances["wording"] == pytest.approx(0.25, abs=0.06)
    assert variances["sample"] == pytest.approx(1.0, abs=0.06)
    assert variances["judge"] == pytest.approx(0.49, abs=0.03)
    assert result.answers == questions * models * wordings * samples


@given(st.integers(0, 10**6))
@pytest.mark.slow
def test_labels_and_order_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    expressions = rng.random((8, 3, 2, 3)) < 0.4
    table, model, question = rows(expressions)
    one = shares(table, model, question, question // 2)
    order = rng.permutation(len(table))
    names = np.array(["c", "a", "b"])
    other = shares(table[order][:, ::-1], names[model[order]], question[order] + 5, question[order] // 2)
    for name, component in one.components.items():
        assert other.components[name].variance == pytest.approx(component.variance, abs=1e-9)


def test_alpha_by_hand() -> None:
    # Two parcels of two topics each, and every topic says the same of the models.
    rates = np.tile(np.array([0.2, 0.4, 0.9])[None, :, None], (4, 1, 1))
    result = alpha_of(rates, np.arange(4), np.random.default_rng(0))
    assert result.alpha[0] == pytest.approx(1)
    assert result.standard_error[0] == pytest.approx(0, abs=1e-9)
    assert (result.parcels, result.topics, result.models) == (2, 4, 3)
    # Two parcels, two models, means 0 and 1 against 0.5 and 0.7: MSB 0.36, MSE 0.16 with this single dealing.
    pairs = np.array([[[0.0], [1.0]], [[0.0], [1.0]], [[0.5], [0.7]], [[0.5], [0.7]]])

    class Fixed:
        def permutation(self, parcels: int) -> NDArray[Any]:
            return np.array([0, 0, 1, 1])

    one = alpha_of(pairs, np.arange(4), Fixed(), dealings=1)
    assert one.alpha[0] == pytest.approx(1 - 0.16 / 0.36)
    assert one.standard_error[0] == pytest.approx(np.sqrt(0.16 / 2))
    assert one.interval[0, 0] < one.alpha[0] < one.interval[0, 1]


def test_alpha_is_the_squared_correlation_with_the_truth() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(0, 0.1, size=400)
    rates = (
        truth[None, :, None] + np.repeat(rng.normal(0, 0.2, size=(10, 400, 1)), 2, axis=0) + rng.normal(size=(20, 1, 1))
    )
    result = alpha_of(rates, np.arange(20) // 2, rng)
    # error variance 0.04 / 10 topics beside 0.01: 0.714
    assert result.alpha[0] == pytest.approx(0.714, abs=0.06)
    assert result.standard_error[0] == pytest.approx(np.sqrt(0.004), abs=0.006)
    # copies of a topic's questions are no further evidence
    copies = alpha_of(np.repeat(rates, 3, axis=0), np.repeat(np.arange(20) // 2, 3), rng)
    assert copies.alpha == pytest.approx(result.alpha, abs=0.02)


def test_alpha_leaves_out_what_is_missing_and_says_when_it_cannot_tell() -> None:
    rng = np.random.default_rng(4)
    rates = rng.random((12, 4, 2))
    rates[:, :, 1] = 0
    rates[:6, 3] = np.nan
    rates[:, 2] = np.nan
    rates[0, 0] = np.nan
    result = alpha_of(rates, np.arange(12) // 2, rng)
    assert result.left_out.tolist() == [False, False, True, True]
    assert result.models == 2
    assert np.isfinite(result.alpha[0])
    assert np.isnan(result.alpha[1])
    assert np.isnan(result.interval[1]).all()
    assert np.isnan(result.standard_error[1])
    assert cronbach_alpha(rates[:, :1], np.arange(12), rng) is None
    assert cronbach_alpha(rates, np.arange(12) // 4, rng) is None
    assert cronbach_alpha(rates[:0], [], rng) is None
