"""Which of a framework's values a text lies nearest to, by sentence embeddings: no labelled text is needed."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from ....domain.framework import Framework, Value
from ....memory.embedders.embedder import Embedder

OTHER_VALUES = 0.9
"""A text expresses a value where it lies nearer to it than this share of the other values' own examples."""

ON_TOPIC = 0.5
"""A text is about no value at all where its nearest description is less than this share as similar to it as the nearest
one is to the framework's own examples, in the median."""

OFF_TOPIC_SCORE = -2.0
"""Below every difference of two mean cosines."""


class SimilarityModel:
    """A value's descriptions are its definition and its examples; how near a text lies to a value is the mean of its
    cosine similarities to them, less the mean over all values.

    Both thresholds come from the framework's examples, each left out of its own value's descriptions: the rates of a
    text's kind are not known without labelled texts, and examples are clearer than what people and models write, so
    that what is less clear is missed rather than mistaken.
    """

    def __init__(self, framework: Framework, embedder: Embedder) -> None:
        self._embedder = embedder
        described = [(number, text) for number, value in enumerate(framework.values) for text in _descriptions(value)]
        owners = np.array([number for number, _ in described])
        self._belongs = (owners[:, None] == np.arange(len(framework.values))).astype(float)
        self._descriptions = np.asarray(embedder.embed([text for _, text in described]), dtype=float)
        definitions = np.flatnonzero(np.diff(owners, prepend=-1))
        self._least, self._thresholds = self._calibrated(np.setdiff1d(np.arange(len(owners)), definitions))

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """How far each text lies above each value's threshold, (N, d): expressed where it is >= 0."""
        cosines = np.asarray(self._embedder.embed(texts), dtype=float) @ self._descriptions.T
        nearness = _relative(cosines @ self._belongs / self._belongs.sum(axis=0))
        on_topic = cosines.max(axis=1, keepdims=True) >= self._least
        return np.where(on_topic, nearness - self._thresholds, OFF_TOPIC_SCORE)

    def _calibrated(self, examples: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
        """The least similarity of a text that is about a value, and each value's threshold (d,)."""
        belongs = self._belongs[examples]
        cosines = self._descriptions[examples] @ self._descriptions.T
        cosines[np.arange(len(examples)), examples] = 0
        nearness = _relative(cosines @ self._belongs / (self._belongs.sum(axis=0) - belongs))
        others = [nearness[belongs[:, value] == 0, value] for value in range(belongs.shape[1])]
        return (
            ON_TOPIC * float(np.median(cosines.max(axis=1))),
            np.array([np.quantile(other, OTHER_VALUES) for other in others]),
        )


def model_fingerprint(framework: Framework, embedder: Embedder) -> str:
    """Hexadecimal digits that change whenever a ``SimilarityModel``'s scores would; made without embedding anything."""
    words = (f"{value.id}: {text}" for value in framework.values for text in _descriptions(value))
    return sha256("\n".join((embedder.fingerprint, *words)).encode()).hexdigest()


def _descriptions(value: Value) -> tuple[str, ...]:
    return (value.definition, *value.examples)


def _relative(nearness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Less the mean over values: some texts lie near to everything. ``nearness`` (N, d)."""
    return np.asarray(nearness - nearness.mean(axis=1, keepdims=True))
