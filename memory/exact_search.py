"""The nearest of many vectors, found by comparing with every one of them: nothing that was put in can be missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import RLock

import numpy as np

from .embedders.embedder import Vectors

COSINE_DECIMALS = 6
"""Of a cosine. Its last digits depend on where in the matrix a vector lies, and would decide between equal ones."""

_FIRST_ROWS = 256


class ExactIndex:
    """Unit vectors by their ids. Calls may come from several threads."""

    def __init__(self, dimension: int) -> None:
        self._vectors = np.zeros((_FIRST_ROWS, dimension), dtype=np.float32)
        self._ids: list[str] = []
        self._row: dict[str, int] = {}
        self._lock = RLock()

    def __len__(self) -> int:
        with self._lock:
            return len(self._ids)

    def ids(self) -> frozenset[str]:
        """The ids of all its vectors."""
        with self._lock:
            return frozenset(self._row)

    def put(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Each id now has its row of ``vectors``, ``(len(ids), dimension)``, and no other."""
        with self._lock:
            for identifier, vector in zip(ids, vectors, strict=True):
                row = self._row.setdefault(identifier, len(self._ids))
                if row == len(self._ids):
                    self._ids.append(identifier)
                    if row == len(self._vectors):
                        self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
                self._vectors[row] = vector

    def drop(self, ids: Iterable[str]) -> None:
        """Forgets the vectors with these ids; unknown ids are passed over."""
        with self._lock:
            for identifier in ids:
                if (row := self._row.pop(identifier, None)) is None:
                    continue
                last = self._ids.pop()
                if last != identifier:  # the last one takes the place that is free
                    self._ids[row] = last
                    self._row[last] = row
                    self._vectors[row] = self._vectors[len(self._ids)]

    def nearest(self, vectors: Vectors, count: int) -> list[list[tuple[str, float]]]:
        """For each of ``vectors`` at most ``count`` ids with their cosines, most similar first, ties by id."""
        with self._lock:
            ids, known = list(self._ids), self._vectors[: len(self._ids)]
            cosines = np.clip(np.round(vectors @ known.T, COSINE_DECIMALS), -1.0, 1.0)
        return [_first(ids, row, count) for row in cosines]


def _first(ids: Sequence[str], cosines: Vectors, count: int) -> list[tuple[str, float]]:
    if count < 1 or not ids:
        return []
    least = np.partition(cosines, -count)[-count] if count < len(ids) else cosines.min()
    candidates = [(ids[row], float(cosines[row])) for row in np.flatnonzero(cosines >= least).tolist()]
    return sorted(candidates, key=lambda each: (-each[1], each[0]))[:count]
