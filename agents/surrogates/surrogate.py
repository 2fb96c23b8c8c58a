"""What a surrogate is: a model that foresees a draft's score from its words, so that few drafts need be probed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...domain.framework import Framework
from ...memory.embedders.embedder import Embedder

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ScoredTexts:
    """The questions that a surrogate learns from, in the order in which they were scored.

    texts   Q questions, as they were asked
    topics  Q topics by id
    scores  (Q,) first search scores, bits
    """

    texts: tuple[str, ...]
    topics: tuple[str, ...]
    scores: Floats

    def first(self, count: int) -> ScoredTexts:
        """The ``count`` questions that were scored first."""
        return ScoredTexts(self.texts[:count], self.topics[:count], self.scores[:count])


class Foresight(Protocol):
    """What a surrogate has learnt. It never changes."""

    @property
    def weight(self) -> float:
        """How far its predictions are trusted, in [0, 1]; 0 until they are known to hold for questions not learnt."""
        ...

    def predict(self, texts: Sequence[str], topic: str) -> Floats:
        """(N,) expected score, bits, of drafts for one topic. Only their differences are used."""
        ...


class Surrogate(Protocol):
    """Learns what separates well-scored questions from others. Pure: the same questions give the same foresight.

    It is made with a framework and an embedder; calls no model.
    """

    def __init__(self, framework: Framework, embedder: Embedder) -> None:
        """``framework`` names the values, ``embedder`` is the run's own."""
        ...

    def fit(self, scored: ScoredTexts) -> Foresight:
        """What can be said after ``scored``, however few they are."""
        ...
