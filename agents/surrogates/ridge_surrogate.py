"""A ridge regression of scores on words, embedding, nearness to the values, and topic: the default surrogate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from ...domain.framework import Framework
from ...memory.embedders.embedder import Embedder
from .no_surrogate import NoForesight
from .surrogate import Floats, Foresight, ScoredTexts

FEWEST_COMPARED_SCORES = 20
"""Scored questions of topics with at least two, before anything is foreseen."""

ALPHAS = tuple(float(each) for each in np.logspace(-1, 3, 9))
"""Penalties that leave-one-out errors choose from."""

FOLDS = 5

CAUTIOUS_ERRORS = 1.0
"""Standard errors taken off the slope of scores on predictions, as in the topic model's weight of neighbours."""

MOST_WORDS = 2_000
"""Words and word pairs that are features, the commonest."""


class RidgeSurrogate:
    """Ridge regression (scikit-learn), its penalty chosen by leave-one-out errors.

    The weight is the slope of scores on predictions by the questions of other topics (five folds), both as differences
    from their topic's mean, less one standard error, within [0, 1]. Drafts compete within a topic; leaving out single
    questions would not do, since a question that is left out moves the mean of the others of its topic the other way.
    """

    def __init__(self, framework: Framework, embedder: Embedder) -> None:
        self._embedder = embedder
        self._values = embedder.embed(
            [f"{value.name} {value.definition} {' '.join(value.examples)}" for value in framework.values]
        )

    def fit(self, scored: ScoredTexts) -> Foresight:
        """See ``surrogate.Surrogate``."""
        topics, place, count = np.unique(np.array(scored.topics), return_inverse=True, return_counts=True)
        shared = count[place] > 1 if len(place) else np.zeros(0, dtype=bool)
        if shared.sum() < FEWEST_COMPARED_SCORES or len(topics) < 2 or np.ptp(scored.scores) == 0.0:
            return NoForesight()
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import Ridge, RidgeCV
        from sklearn.model_selection import GroupKFold, cross_val_predict
        from threadpoolctl import threadpool_limits

        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, max_features=MOST_WORDS, sublinear_tf=True)
        try:
            words.fit(scored.texts)
        except ValueError:  # scikit-learn: no word stands in two questions
            return NoForesight()
        features = _Features(words, self._embedder, self._values, {str(each): row for row, each in enumerate(topics)})
        rows = features.of(scored.texts, scored.topics)
        # Penalties are in units of the scores' own variance.
        scale = float(scored.scores.std())
        folds = GroupKFold(n_splits=min(FOLDS, len(topics)))
        # Threads that wait for each other cost more than they bring on matrices of this size.
        with threadpool_limits(limits=1):
            ridge = RidgeCV(alphas=ALPHAS).fit(rows, scored.scores / scale)
            left_out = scale * cross_val_predict(
                Ridge(alpha=float(ridge.alpha_)), rows, scored.scores / scale, groups=place, cv=folds
            )
        predicted, observed = (_within(each, place)[shared] for each in (left_out, scored.scores))
        weight = _cautious_slope(predicted, observed, int(shared.sum() - (count > 1).sum()))
        return _RidgeForesight(weight, features, ridge, scale)


@dataclass(frozen=True)
class _Features:
    """Texts as rows: weighted words, embedding, nearness to each value, topic."""

    words: Any
    embedder: Embedder
    values: Any
    topics: dict[str, int]

    def of(self, texts: Sequence[str], topics: Sequence[str]) -> Floats:
        vectors = self.embedder.embed(list(texts))
        own = np.zeros((len(texts), len(self.topics)))
        for row, topic in enumerate(topics):
            if topic in self.topics:
                own[row, self.topics[topic]] = 1.0
        return np.hstack([self.words.transform(texts).toarray(), vectors, vectors @ self.values.T, own])


@dataclass(frozen=True)
class _RidgeForesight:
    weight: float
    features: _Features
    ridge: Any
    scale: float

    def predict(self, texts: Sequence[str], topic: str) -> Floats:
        rows = self.features.of(texts, [topic] * len(texts))
        return np.asarray(self.ridge.predict(rows) * self.scale)


def _within(numbers: Floats, place: Any) -> Floats:
    """Each number less its topic's mean."""
    mean = np.bincount(place, weights=numbers) / np.bincount(place)
    return np.asarray(numbers - mean[place])


def _cautious_slope(predicted: Floats, observed: Floats, degrees: int) -> float:
    """Slope of ``observed`` on ``predicted`` through the origin, less its standard errors, within [0, 1]."""
    information = float(np.square(predicted).sum())
    if information <= 0.0 or degrees <= 1:
        return 0.0
    slope = float((predicted * observed).sum()) / information
    rest = float(np.square(observed - slope * predicted).sum()) / (degrees - 1)
    return float(np.clip(slope - CAUTIOUS_ERRORS * sqrt(rest / information), 0.0, 1.0))
