"""What an embedder must be: texts in, unit vectors out, and honest about what its vectors cannot tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

SAME_TEXT = 0.99
"""Similarity of a text with itself, less what a remote embedder varies by."""


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their cosine similarity.

    Constructing one loads whatever it needs, so that ``embed`` is never slow the first time.
    """

    @property
    def name(self) -> str:
        """What the user calls it in the settings."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the vectors would; stamped into a memory. Holds no secret."""
        ...

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        ...

    @property
    def nearest(self) -> float:
        """Default threshold: a nearest question more similar than this (a cosine) makes a candidate a duplicate."""
        ...

    @property
    def mean_of_three(self) -> float:
        """Default threshold for the mean similarity of the three nearest questions; below ``nearest``."""
        ...

    @property
    def note(self) -> str:
        """What it cannot do, in one sentence for the user."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One unit-length row per text, ``(len(texts), dimension)``, in order; the same text, the same row.

        Reads the first ``equality.LONGEST_TEXT`` characters of each. Raises ``RunFailed`` where a remote model fails.
        """
        ...


def unit_rows(vectors: NDArray[np.floating]) -> Vectors:
    """Rows scaled to length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)
