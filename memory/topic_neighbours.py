"""Which topics lie near which: the neighbours whose scores inform a fresh topic (METHOD.md section 3, policy)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .embedders.embedder import Embedder

TOPIC_BLOCK = 1_024
"""Topics compared at a time: 15,000 topics at once would take a matrix of 1.8 GB."""


def topic_neighbours(
    texts: Sequence[str], embedder: Embedder, count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each of T topics the ``count`` nearest others, nearest first.

    Returns indices ``(T, count)``, -1 where there are fewer others, and cosine similarities ``(T, count)`` in
    [-1, 1], 0 where there is no neighbour. Equal similarities keep the order of the topics.
    """
    total = len(texts)
    indices = np.full((total, count), -1, dtype=np.int64)
    similarity = np.zeros((total, count), dtype=np.float64)
    number = min(count, total - 1)
    if number <= 0:
        return indices, similarity
    vectors = embedder.embed(texts)
    for start in range(0, total, TOPIC_BLOCK):
        rows = np.arange(start, min(start + TOPIC_BLOCK, total))
        cosines = np.clip(vectors[rows] @ vectors.T, -1.0, 1.0).astype(np.float64)
        cosines[np.arange(len(rows)), rows] = -np.inf
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :number]
        indices[rows, :number] = order
        similarity[rows, :number] = np.take_along_axis(cosines, order, axis=1)
    return indices, similarity
