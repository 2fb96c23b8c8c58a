"""The thresholds of a local judge, for rates and for F1, and how well it does at them on folds that it has not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ....domain.judge_accuracy import ValueTraining
from ....evaluation.judges.label_accuracy import area_under_curve

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Criterion = Literal["youden", "f1"]


def best_threshold(truth: Bools, scores: Floats, criterion: Criterion) -> float:
    """The threshold with the best F1 or Youden's J, half-way to the next lower score. ``truth``, ``scores`` (N,)."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    # Only between two different scores can a threshold lie.
    ends = np.flatnonzero(np.append(np.diff(ranked) < 0, True))
    hits, positives = np.cumsum(truth[order])[ends], truth.sum()
    if criterion == "f1":
        worth = 2 * hits / (ends + 1 + positives)
    else:
        worth = hits / positives - (ends + 1 - hits) / (len(truth) - positives)
    best = ends[int(np.argmax(worth))]
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 1
    return float((ranked[best] + below) / 2)


def fold_labels(truth: Bools, log_odds: Floats, folds: Sequence[NDArray[np.int64]], criterion: Criterion) -> Bools:
    """The labels (N, d) of out-of-fold ``log_odds`` (N, d): each fold's by thresholds of the other folds."""
    labels = np.zeros(truth.shape, dtype=bool)
    for fold in folds:
        others = np.setdiff1d(np.arange(len(truth)), fold)
        for column in range(truth.shape[1]):
            threshold = best_threshold(truth[others, column], log_odds[others, column], criterion)
            labels[fold, column] = log_odds[fold, column] >= threshold
    return labels


def training_figures(
    truth: Bools,
    log_odds: Floats,
    for_rates: Bools,
    for_f1: Bools,
    thresholds: Floats,
    value_ids: Sequence[str],
) -> dict[str, ValueTraining]:
    """What a training reports of each value, from out-of-fold ``log_odds`` (N, d); ``for_rates`` and ``for_f1``
    (N, d) are the labels by both criteria, ``thresholds`` (2, d) those that are kept.
    """

    def figures() -> Iterator[tuple[str, ValueTraining]]:
        for column, value in enumerate(value_ids):
            labels, score, rated = truth[:, column], log_odds[:, column], for_rates[:, column]
            hits = int((for_f1[:, column] & labels).sum())
            positives, named = int(labels.sum()), int(for_f1[:, column].sum())
            threshold, f1_threshold = 1 / (1 + np.exp(-thresholds[:, column]))
            yield (
                value,
                ValueTraining(
                    positives=positives,
                    threshold=float(threshold),
                    youden=float(rated[labels].mean() - rated[~labels].mean()),
                    f1_threshold=float(f1_threshold),
                    precision=hits / max(1, named),
                    recall=hits / positives,
                    f1=2 * hits / (named + positives),
                    auc=area_under_curve(labels, score),
                    f1_of_always=2 * positives / (len(labels) + positives),
                ),
            )

    return dict(figures())
