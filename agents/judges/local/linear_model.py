"""The local judge's model: log odds of each value, linear in TF-IDF features and a sentence embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ....domain.judge_accuracy import TrainingReport
from ....memory.embedders.embedder import Embedder
from .text_features import character_vectorizer, coverage, excerpt, word_vectorizer

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

SAYS_NOTHING = -20.0
"""Log odds of every value where a text says nothing: a probability of 0 to eight digits."""

QUOTED_WORDS = 12
QUOTED_CHARACTERS = 120
"""A quote has no more words, and no more characters."""


@dataclass(frozen=True)
class LocalModel:
    """``words`` (W) and ``characters`` (C) are the features' terms in the order of ``coefficients``' columns.

    word_weights (W,), character_weights (C,)   inverse document frequencies
    coefficients (d, W + C), vector_coefficients (d, D), intercepts (d,)   log odds of the values; D is 0 where no text
                 is embedded
    content      (``COVERAGES`` + D + 1,) weights of the coverage and the embedding, and a constant: a text says
                 something where this sum is at least 0
    thresholds   (2, d) log odds from which on a text is labelled with the value: with the best Youden's J, for rates,
                 which are what every run measures; and with the best F1
    trained_on   sorted digests of the texts and groups that were trained on (``digest``)
    embedder     makes the vectors (N, D); None where D is 0
    """

    report: TrainingReport
    words: tuple[str, ...]
    word_weights: NDArray[np.float32]
    characters: tuple[str, ...]
    character_weights: NDArray[np.float32]
    coefficients: NDArray[np.float32]
    vector_coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float64]
    content: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    trained_on: NDArray[np.uint64]
    embedder: Embedder | None = None

    def log_odds(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Calibrated log odds that a text expresses a value, (N, d); ``SAYS_NOTHING`` where it says nothing."""
        from scipy.sparse import hstack

        vectors = embedded(self.embedder, texts)
        rows = hstack([vectorizer.transform(texts) for vectorizer in self._vectorizers]).tocsr()
        odds = np.asarray(rows @ self._columns + vectors @ self.vector_coefficients.T + self.intercepts)
        features = np.hstack([coverage(texts, self._terms), vectors])
        says_something = features @ self.content[:-1] + self.content[-1] >= 0
        return np.where(says_something[:, None], odds, SAYS_NOTHING)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """How far each text's log odds lie above each value's threshold for rates, (N, d): expressed where >= 0."""
        return np.asarray(self.log_odds(texts) - self.thresholds[0])

    def above_f1(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether ``scores`` (N, d), which are relative to the thresholds for rates, reach those with the best F1."""
        return np.asarray(scores + self.thresholds[0] >= self.thresholds[1])

    def quotes(self, text: str, values: Sequence[int]) -> list[str]:
        """For each of the values (by number) the run of words in ``text``, verbatim, whose terms speak most for it."""
        words = text.split(" ")
        starts = range(0, max(1, len(words) - QUOTED_WORDS // 2), QUOTED_WORDS // 2)
        runs = [" ".join(words[start : start + QUOTED_WORDS])[:QUOTED_CHARACTERS] for start in starts]
        if len(runs) == 1:
            return runs * len(values)
        weights = self._columns[: len(self.words), list(values)]
        best = np.asarray(self._plain_words.transform(runs) @ weights).argmax(axis=0)
        return [runs[number] for number in best]

    def knows(self, text_or_group: str) -> bool:
        """Whether this text or group was in the training data."""
        return bool(np.isin(digest(text_or_group), self.trained_on))

    @cached_property
    def _terms(self) -> frozenset[str]:
        return frozenset(self.words)

    @cached_property
    def _columns(self) -> NDArray[np.float64]:
        return np.ascontiguousarray(self.coefficients.T, dtype=np.float64)

    @cached_property
    def _vectorizers(self) -> tuple[TfidfVectorizer, TfidfVectorizer]:
        words = word_vectorizer(self.words)
        characters = character_vectorizer(self.characters)
        words.idf_ = self.word_weights.astype(np.float64)
        characters.idf_ = self.character_weights.astype(np.float64)
        return words, characters

    @cached_property
    def _plain_words(self) -> TfidfVectorizer:
        words = word_vectorizer(self.words, normalised=False)
        words.idf_ = self.word_weights.astype(np.float64)
        return words


def embedded(embedder: Embedder | None, texts: Sequence[str]) -> NDArray[np.float32]:
    """The vectors of the texts' excerpts, (N, D); (N, 0) without an embedder."""
    if embedder is None:
        return np.zeros((len(texts), 0), dtype=np.float32)
    return embedder.embed([excerpt(text) for text in texts])


def digest(text: str) -> np.uint64:
    """What the file remembers of a text or group, so that it is never checked on what it was trained on."""
    return np.uint64(int.from_bytes(sha256(text.casefold().encode()).digest()[:8]))
