"""No surrogate: the first draft that is new is probed. It is also what a surrogate knows before it knows anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...domain.framework import Framework
from ...memory.embedders.embedder import Embedder
from .surrogate import Floats, Foresight, ScoredTexts


@dataclass(frozen=True)
class NoForesight:
    """All drafts are alike."""

    weight: float = 0.0

    def predict(self, texts: Sequence[str], topic: str) -> Floats:
        """Zeros, (N,)."""
        return np.zeros(len(texts))


class NoSurrogate:
    """Learns nothing."""

    def __init__(self, framework: Framework, embedder: Embedder) -> None:
        """Takes what a surrogate is made with, and needs none of it."""

    def fit(self, scored: ScoredTexts) -> Foresight:
        """Nothing is foreseen."""
        return NoForesight()
