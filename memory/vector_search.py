"""Which questions lie nearest to a vector: by comparing with all while they are few enough, by Chroma's graph beyond.

The graph is approximate, and not only in the order of what it finds: a vector to which no link leads is never found
(docs/MEMORY.md has measured how often).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..domain.errors import StoreError
from .chroma_access import Access
from .embedders.embedder import Embedder, Vectors
from .exact_search import ExactIndex

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

EXACT = 20_000
"""Questions that are compared one by one. Their vectors are read once a process, some 0.3 ms each; their ids at once,
which Chroma refuses beyond 30,000."""
VECTORS_A_PAGE = 500
"""Vectors read at a time."""


class VectorSearch:
    """The vectors of one collection, as far as this process has read them."""

    def __init__(self, access: Access, collection: Collection, embedder: Embedder) -> None:
        self._access = access
        self._collection = collection
        self._embedder = embedder
        self._index: ExactIndex | None = None

    @property
    def _shared(self) -> bool:
        return not isinstance(self._access.place, Path)

    def put(self, ids: Sequence[str], vectors: Vectors) -> None:
        """These have just been written with these vectors."""
        if self._index is not None:
            self._index.put(ids, vectors)

    def drop(self, ids: Sequence[str]) -> None:
        """These have just been deleted."""
        if self._index is not None:
            self._index.drop(ids)

    def nearest(self, vectors: Vectors, count: int) -> list[list[tuple[str, float]]]:
        """For each of ``vectors`` at most ``count`` ids with their cosines, most similar first, ties by id."""
        # In a folder, once it is read, the index holds all that there is.
        read = None if self._shared else self._index
        if (self._access(self._collection.count) if read is None else len(read)) > EXACT:
            self._index = None
            return self._by_graph(vectors, count)
        return self._read().nearest(vectors, count)

    def _read(self) -> ExactIndex:
        """The index with all that is remembered. Others write to a server: what they have written is read each time.

        A text that another run gives to a known id within that moment is not noticed: runs do not reword a question.
        """
        first = self._index is None
        index = ExactIndex(self._embedder.dimension) if self._index is None else self._index
        if first or self._shared:
            there = self._access(self._collection.get, include=[])["ids"]
            index.drop(index.ids() - set(there))
            known = index.ids()
            new = [identifier for identifier in there if identifier not in known]
            for start in range(0, len(new), VECTORS_A_PAGE):
                ids, read = self._vectors(new[start : start + VECTORS_A_PAGE])
                index.put(ids, read)
        self._index = index
        return index

    def _vectors(self, ids: list[str]) -> tuple[list[str], Vectors]:
        """Those of ``ids`` that are still there, and their vectors."""
        try:
            page = self._access(self._collection.get, ids=ids, include=["embeddings"])
        except StoreError:
            if not self._shared:
                raise
            # A server whose rows and vectors do not agree: the rows have been right in every trial.
            texts = self._access(self._collection.get, ids=ids, include=["documents"])
            return texts["ids"], self._embedder.embed(texts["documents"] or [])
        return page["ids"], np.asarray(page["embeddings"], dtype=np.float32).reshape(-1, self._embedder.dimension)

    def _by_graph(self, vectors: Vectors, count: int) -> list[list[tuple[str, float]]]:
        # No `where` filter here: one makes the query a hundred times slower.
        result = self._access(self._collection.query, query_embeddings=vectors, n_results=count, include=["distances"])
        return [
            sorted(
                ((identifier, min(1.0, max(-1.0, 1.0 - distance))) for identifier, distance in zip(*row, strict=True)),
                key=lambda each: (-each[1], each[0]),
            )
            for row in zip(result["ids"], result["distances"] or [], strict=True)
        ]
