"""Trains the local judge: two logistic regressions for each value, on words and on embeddings, and a third that makes
one calibrated probability of both and of the framework's own words.

C and the weights were chosen on grouped folds of ValueEval's training file. Words: weights balanced, C = 0.3 (AUC 0.711
there); the conclusion beside the premise, weights against large groups and naive-Bayes features were each worse.
Embeddings (MiniLM): C = 0.4 (0.745). All together 0.753; with a network of one hidden layer on the embeddings 0.754,
with the text's length 0.753.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....domain.errors import InputError
from ....domain.framework import Framework
from ....domain.judge_accuracy import TrainingReport
from ....domain.streams import Stream, generator
from ....evaluation.judges.label_accuracy import clustered_accuracies
from ....memory.embedders.embedder import Embedder
from ..labelled_texts import LabelledTexts, source_groups
from .content_training import fit_content
from .empty_texts import empty_texts
from .linear_model import LocalModel, digest, embedded
from .text_features import COVERAGES, character_vectorizer, coverage, word_vectorizer
from .thresholds import Criterion, best_threshold, fold_labels, training_figures

FOLDS = 5
FEWEST_POSITIVES = 10
FEWEST_SOURCES = 5
"""A value needs this many positives, from this many sources."""

_WORDS_C, _VECTORS_C, _CALIBRATION_C = 0.3, 0.4, 10.0

_FRAGMENT_EVERY = 4
"""From one in so many texts a third is cut out, as an example of a short text that says something."""

_FRAGMENT_WORDS = 4
"""A fragment has at least as many words."""

_AT_ONCE = 64
"""Texts that a thread embeds at once."""

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class _Words:
    """Linear scores of TF-IDF features; the arrays are those of ``LocalModel``."""

    words: tuple[str, ...]
    word_weights: NDArray[np.float32]
    characters: tuple[str, ...]
    character_weights: NDArray[np.float32]
    coefficients: Floats
    intercepts: Floats


def train(
    labelled: LabelledTexts,
    framework: Framework,
    seed: int,
    *,
    embedder: Embedder | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> LocalModel:
    """A local judge for the framework's values. The same rows, embedder and seed give the same judge.

    Without ``embedder`` it knows words alone. Raises ``InputError`` for a value with too few positives, or too few
    without it, to be learnt.
    """
    if embedder is not None:
        framework.need_examples("a judge with embeddings compares texts with them (--features words needs none)")
    texts = [row.text for row in labelled.rows]
    truth = np.array([[value in row.values for value in framework.value_ids] for row in labelled.rows])
    sources = np.array(source_groups(labelled.rows))
    _check(truth, sources, framework.value_ids)
    folds = grouped_folds(sources, seed)
    if embedder is not None:
        progress("embedding")
    vectors = _embedded(embedder, texts)
    descriptions = _descriptions(embedder, framework)
    parts = np.zeros((*truth.shape, 1 if embedder is None else 4))
    coverages = np.zeros((len(texts), COVERAGES))
    for number, fold in enumerate(folds, start=1):
        progress(f"fold {number} of {FOLDS}")
        inside = np.setdiff1d(np.arange(len(texts)), fold)
        if missing := [v for v in range(truth.shape[1]) if len(set(truth[inside, v].tolist())) < 2]:
            raise InputError(
                f"{framework.value_ids[missing[0]]!r}: all its examples are in one fifth of the sources — "
                "add rows from more sources, or try another --seed"
            )
        held_out = [texts[row] for row in fold]
        words, score = _fit_words([texts[row] for row in inside], truth[inside])
        parts[fold, :, 0] = score(held_out)
        coverages[fold] = coverage(held_out, words.words)
        if embedder is not None:
            weights, constants = _fit_vectors(vectors[inside], truth[inside])
            parts[fold, :, 1] = vectors[fold] @ weights.T + constants
            parts[fold, :, 2:] = np.einsum("nk,cvk->nvc", vectors[fold], descriptions)
    log_odds = np.zeros(truth.shape)
    for fold in folds:
        inside = np.setdiff1d(np.arange(len(texts)), fold)
        calibration, constants = _calibrated(parts[inside], truth[inside])
        log_odds[fold] = (parts[fold] * calibration).sum(axis=2) + constants
    progress("all rows")
    words, _ = _fit_words(texts, truth)
    calibration, constants = _calibrated(parts, truth)
    intercepts = calibration[:, 0] * words.intercepts + constants
    vector_coefficients = np.zeros((truth.shape[1], vectors.shape[1]))
    if embedder is not None:
        weights, more = _fit_vectors(vectors, truth)
        vector_coefficients = calibration[:, 1:2] * weights + np.einsum("vc,cvk->vk", calibration[:, 2:], descriptions)
        intercepts = intercepts + calibration[:, 1] * more
    rng = generator(seed, Stream.JUDGE_TRAINING)
    short = [
        *_fragments(texts, rng),
        *(text for value in framework.values for text in (value.definition, *value.examples)),
    ]
    fragments, empty = (
        np.hstack([coverage(some, words.words), _embedded(embedder, some)]) for some in (short, empty_texts(texts, rng))
    )
    content, silent = fit_content(np.hstack([coverages, vectors]), fragments, empty, folds)
    criteria: tuple[Criterion, ...] = ("youden", "f1")
    thresholds = np.array(
        [[best_threshold(truth[:, v], log_odds[:, v], each) for v in range(truth.shape[1])] for each in criteria]
    )
    for_rates, for_f1 = (fold_labels(truth, log_odds, folds, each) for each in criteria)
    values = training_figures(truth, log_odds, for_rates, for_f1, thresholds, framework.value_ids)
    chances = 1 / (1 + np.exp(-log_odds))
    report = TrainingReport(
        framework=framework.id,
        value_ids=framework.value_ids,
        seed=seed,
        embedder="" if embedder is None else embedder.name,
        embedder_fingerprint="" if embedder is None else embedder.fingerprint,
        dimension=vectors.shape[1],
        data_sha256=labelled.sha256,
        read=labelled.read,
        used=len(texts),
        sources=int(sources.max()) + 1,
        left_out=labelled.left_out,
        labels_dropped=labelled.labels_dropped,
        features=words.coefficients.shape[1],
        values=values,
        accuracy=dict(zip(framework.value_ids, clustered_accuracies(truth, for_rates, sources, chances), strict=True)),
        macro_f1=float(np.mean([each.f1 for each in values.values()])),
        macro_auc=float(np.mean([each.auc for each in values.values()])),
        macro_f1_of_always=float(np.mean([each.f1_of_always for each in values.values()])),
        silent=silent,
    )
    known = {text for row in labelled.rows for text in (row.text, row.group)}
    return LocalModel(
        report=report,
        words=words.words,
        word_weights=words.word_weights,
        characters=words.characters,
        character_weights=words.character_weights,
        coefficients=(calibration[:, :1] * words.coefficients).astype(np.float32),
        vector_coefficients=vector_coefficients.astype(np.float32),
        intercepts=intercepts,
        content=content,
        thresholds=thresholds,
        trained_on=np.array(sorted(digest(text) for text in known), dtype=np.uint64),
        embedder=embedder,
    )


def grouped_folds(sources: NDArray[np.int64], seed: int) -> list[NDArray[np.int64]]:
    """The rows of each of ``FOLDS`` folds; a source stands in one fold only. ``sources`` (N,)."""
    from sklearn.model_selection import GroupKFold

    folds = GroupKFold(FOLDS, shuffle=True, random_state=seed).split(sources, groups=sources)
    return [held_out for _, held_out in folds]


def _check(truth: Bools, sources: NDArray[np.int64], value_ids: Sequence[str]) -> None:
    for column, value in enumerate(value_ids):
        for kind, what in ((truth[:, column], "express"), (~truth[:, column], "do not express")):
            rows, found = int(kind.sum()), len(set(sources[kind].tolist()))
            if rows < FEWEST_POSITIVES or found < FEWEST_SOURCES:
                raise InputError(
                    f"{rows} rows from {found} sources {what} {value!r}, too few to learn it — it needs "
                    f"{FEWEST_POSITIVES} from {FEWEST_SOURCES}: add rows, or use a framework without this value"
                )


def _embedded(embedder: Embedder | None, texts: Sequence[str]) -> Vectors:
    """As ``embedded``, on all cores."""
    chunks = [texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE)]
    with ThreadPoolExecutor() as threads:
        return np.vstack(list(threads.map(lambda chunk: embedded(embedder, chunk), chunks)))


def _descriptions(embedder: Embedder | None, framework: Framework) -> Vectors:
    """Each value's definition and the mean of its examples, (2, d, D): their products with a text's vector are the
    cosine with the definition and the mean cosine with the examples."""
    definitions = _embedded(embedder, [value.definition for value in framework.values])
    examples = [_embedded(embedder, value.examples).mean(axis=0) for value in framework.values]
    return np.stack([definitions, np.stack(examples)])


def _fragments(texts: Sequence[str], rng: np.random.Generator) -> list[str]:
    """A third of every fourth text, somewhere in it."""
    found = []
    for text in texts[::_FRAGMENT_EVERY]:
        words = text.split()
        length = max(_FRAGMENT_WORDS, len(words) // 3)
        start = int(rng.integers(0, max(1, len(words) - length + 1)))
        found.append(" ".join(words[start : start + length]))
    return found


def _fit_words(texts: Sequence[str], truth: Bools) -> tuple[_Words, Callable[[Sequence[str]], Floats]]:
    """The words' part fitted to the texts, and a function that scores other texts with it, (n) to (n, d)."""
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
        fitted = LogisticRegression(C=_WORDS_C, class_weight="balanced", solver="liblinear", random_state=0)
        fitted.fit(rows, truth[:, column])
        coefficients.append(fitted.coef_[0])
        intercepts.append(float(fitted.intercept_[0]))
    weights, constants = np.array(coefficients), np.array(intercepts)

    def score(others: Sequence[str]) -> Floats:
        found = hstack([vectorizer.transform(others) for vectorizer in (words, characters)]).tocsr()
        return np.asarray(found @ weights.T + constants)

    part = _Words(
        words=tuple(words.get_feature_names_out().tolist()),
        word_weights=words.idf_.astype(np.float32),
        characters=tuple(characters.get_feature_names_out().tolist()),
        character_weights=characters.idf_.astype(np.float32),
        coefficients=weights,
        intercepts=constants,
    )
    return part, score


def _fit_vectors(vectors: Vectors, truth: Bools) -> tuple[Floats, Floats]:
    """Weights (d, D) and constants (d,) of the embeddings' scores."""
    from sklearn.linear_model import LogisticRegression

    fitted = [
        LogisticRegression(C=_VECTORS_C, class_weight="balanced", max_iter=500).fit(vectors.astype(float), labels)
        for labels in truth.T
    ]
    return np.array([each.coef_[0] for each in fitted]), np.array([each.intercept_[0] for each in fitted])


def _calibrated(parts: Floats, truth: Bools) -> tuple[Floats, Floats]:
    """Weights (d, c) and constants (d,) that make log odds of a value's ``parts`` (N, d, c): Platt's scaling, with
    several scores instead of one."""
    from sklearn.linear_model import LogisticRegression

    fitted = [
        LogisticRegression(C=_CALIBRATION_C, max_iter=500).fit(parts[:, v], truth[:, v]) for v in range(truth.shape[1])
    ]
    return np.array([each.coef_[0] for each in fitted]), np.array([each.intercept_[0] for each in fitted])
