"""Trains the local judge: one logistic regression for each value, thresholds tuned on folds of whole sources.

Chosen on grouped folds of ValueEval's training file alone: weights balanced, C = 0.3 (F1 0.476, AUC 0.705 there); the
conclusion beside the premise, a second level over all scores, weights against large groups and naive-Bayes features
were each worse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ....domain.errors import InputError
from ....domain.framework import Framework
from ....domain.judge_accuracy import TrainingReport, ValueTraining
from ....evaluation.judges.label_accuracy import area_under_curve, clustered_accuracies
from ..labelled_texts import LabelledTexts, source_groups
from .linear_model import LocalModel, character_vectorizer, digest, word_vectorizer

FOLDS = 5
FEWEST_POSITIVES = 10
FEWEST_SOURCES = 5
"""A value needs this many positives, from this many sources."""

_C = 0.3

Tune = Literal["f1", "youden"]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def train(
    labelled: LabelledTexts,
    framework: Framework,
    seed: int,
    *,
    tune: Tune = "f1",
    progress: Callable[[str], None] = lambda _: None,
) -> LocalModel:
    """A local judge for the framework's values. The same rows and seed give the same judge.

    ``tune`` says what the thresholds make best: F1, or Youden's J (for rates that are to be compared or corrected).

    Raises ``InputError`` for a value with too few positives, or too few without it, to be learnt.
    """
    texts = [row.text for row in labelled.rows]
    truth = np.array([[value in row.values for value in framework.value_ids] for row in labelled.rows])
    sources = np.array(source_groups(labelled.rows))
    _check(truth, sources, framework.value_ids)
    folds = grouped_folds(sources, seed)
    scores = np.zeros(truth.shape)
    for number, fold in enumerate(folds, start=1):
        progress(f"fold {number} of {FOLDS}")
        inside = np.setdiff1d(np.arange(len(texts)), fold)
        if missing := [v for v in range(truth.shape[1]) if len(set(truth[inside, v].tolist())) < 2]:
            raise InputError(
                f"{framework.value_ids[missing[0]]!r}: all its examples are in one fifth of the sources — "
                "add rows from more sources, or try another --seed"
            )
        scores[fold] = _fit([texts[row] for row in inside], truth[inside])[1]([texts[row] for row in fold])
    progress("all rows")
    parts, _ = _fit(texts, truth)
    thresholds = np.array([best_threshold(truth[:, v], scores[:, v], tune) for v in range(truth.shape[1])])
    found = _fold_labels(truth, scores, folds, tune)
    values = _figures(truth, scores, found, thresholds, framework.value_ids)
    report = TrainingReport(
        framework=framework.id,
        value_ids=framework.value_ids,
        seed=seed,
        tune=tune,
        data_sha256=labelled.sha256,
        read=labelled.read,
        used=len(texts),
        sources=int(sources.max()) + 1,
        left_out=labelled.left_out,
        labels_dropped=labelled.labels_dropped,
        features=parts["coefficients"].shape[1],
        values=values,
        accuracy=dict(zip(framework.value_ids, clustered_accuracies(truth, found, sources), strict=True)),
        macro_f1=float(np.mean([each.f1 for each in values.values()])),
        macro_auc=float(np.mean([each.auc for each in values.values()])),
        macro_f1_of_always=float(np.mean([each.f1_of_always for each in values.values()])),
    )
    known = {text for row in labelled.rows for text in (row.text, row.group)}
    trained_on = np.array(sorted(digest(text) for text in known), dtype=np.uint64)
    return LocalModel(report=report, thresholds=thresholds, trained_on=trained_on, **parts)


def grouped_folds(sources: NDArray[np.int64], seed: int) -> list[NDArray[np.int64]]:
    """The rows of each of ``FOLDS`` folds; a source stands in one fold only. ``sources`` (N,)."""
    from sklearn.model_selection import GroupKFold

    folds = GroupKFold(FOLDS, shuffle=True, random_state=seed).split(sources, groups=sources)
    return [held_out for _, held_out in folds]


def best_threshold(truth: Bools, scores: Floats, tune: Tune = "f1") -> float:
    """The threshold with the best F1 or Youden's J, half-way to the next lower score. ``truth``, ``scores`` (N,)."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    # Only between two different scores can a threshold lie.
    ends = np.flatnonzero(np.append(np.diff(ranked) < 0, True))
    hits, positives = np.cumsum(truth[order])[ends], truth.sum()
    if tune == "f1":
        worth = 2 * hits / (ends + 1 + positives)
    else:
        worth = hits / positives - (ends + 1 - hits) / (len(truth) - positives)
    best = ends[int(np.argmax(worth))]
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1
    return float((ranked[best] + below) / 2)


def _check(truth: Bools, sources: NDArray[np.int64], value_ids: Sequence[str]) -> None:
    for column, value in enumerate(value_ids):
        for kind, what in ((truth[:, column], "express"), (~truth[:, column], "do not express")):
            rows, found = int(kind.sum()), len(set(sources[kind].tolist()))
            if rows < FEWEST_POSITIVES or found < FEWEST_SOURCES:
                raise InputError(
                    f"{rows} rows from {found} sources {what} {value!r}, too few to learn it — it needs "
                    f"{FEWEST_POSITIVES} from {FEWEST_SOURCES}: add rows, or use a framework without this value"
                )


def _fit(texts: Sequence[str], truth: Bools) -> tuple[dict[str, Any], Callable[[Sequence[str]], Floats]]:
    """The parts of a model fitted to the texts, and a function that scores other texts, (n) to (n, d)."""
    from scipy.sparse import hstack
    from sklearn.linear_model import LogisticRegression

    words, characters = word_vectorizer(), character_vectorizer()
    try:
        rows = hstack([vectorizer.fit_transform(texts) for vectorizer in (words, characters)]).tocsr()
    except ValueError:
        # scikit-learn: no term is left after pruning.
        raise InputError("the labelled texts share no words — nothing can be learnt from them") from None
    coefficients, intercepts = [], []
    for column in range(truth.shape[1]):
        fitted = LogisticRegression(C=_C, class_weight="balanced", solver="liblinear", random_state=0)
        fitted.fit(rows, truth[:, column])
        coefficients.append(fitted.coef_[0])
        intercepts.append(float(fitted.intercept_[0]))
    weights, constants = np.array(coefficients), np.array(intercepts)

    def score(others: Sequence[str]) -> Floats:
        found = hstack([vectorizer.transform(others) for vectorizer in (words, characters)]).tocsr()
        return np.asarray(found @ weights.T + constants)

    parts = {
        "words": tuple(words.get_feature_names_out().tolist()),
        "word_weights": words.idf_.astype(np.float32),
        "characters": tuple(characters.get_feature_names_out().tolist()),
        "character_weights": characters.idf_.astype(np.float32),
        "coefficients": weights.astype(np.float32),
        "intercepts": constants,
    }
    return parts, score


def _fold_labels(truth: Bools, scores: Floats, folds: Sequence[NDArray[np.int64]], tune: Tune) -> Bools:
    """Each fold's labels (N, d) by thresholds tuned on the others."""
    found = np.zeros(truth.shape, dtype=bool)
    for fold in folds:
        others = np.setdiff1d(np.arange(len(truth)), fold)
        for column in range(truth.shape[1]):
            threshold = best_threshold(truth[others, column], scores[others, column], tune)
            found[fold, column] = scores[fold, column] >= threshold
    return found


def _figures(
    truth: Bools, scores: Floats, found: Bools, thresholds: Floats, value_ids: Sequence[str]
) -> dict[str, ValueTraining]:
    def figures() -> Iterator[tuple[str, ValueTraining]]:
        for column, value in enumerate(value_ids):
            labels, score = truth[:, column], scores[:, column]
            hits = int((found[:, column] & labels).sum())
            positives = int(labels.sum())
            named = int(found[:, column].sum())
            yield (
                value,
                ValueTraining(
                    positives=positives,
                    threshold=float(thresholds[column]),
                    precision=hits / max(1, named),
                    recall=hits / positives,
                    f1=2 * hits / (named + positives),
                    youden=hits / positives - (named - hits) / (len(labels) - positives),
                    auc=area_under_curve(labels, score),
                    f1_of_always=2 * positives / (len(labels) + positives),
                ),
            )

    return dict(figures())
