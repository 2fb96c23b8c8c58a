"""What the runs on a server are about to ask, until they remember it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .chroma_access import Access
from .chroma_rows import items_of, metadata_of, neighbours_of
from .embedders.embedder import Embedder
from .exact_search import ExactIndex
from .items import Neighbour, Remembered

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

ANNOUNCED = "announced"


class Announcements:
    """A collection beside the questions. It has no clock: an announcement lasts until its run takes it back."""

    def __init__(self, access: Access, client: Client, embedder: Embedder) -> None:
        self._access = access
        self._client = client
        self._embedder = embedder

    def announce(self, item: Remembered, count: int) -> list[Neighbour]:
        """See ``QuestionMemory.announce``."""
        announced = self._collection()
        self._access(
            announced.upsert,
            ids=[item.id],
            embeddings=np.ones((1, 1), dtype=np.float32),
            documents=[item.text],
            metadatas=[metadata_of(item)],
        )
        # Their texts alone: where others add and delete, Chroma's vectors and rows do not always agree.
        page = self._access(announced.get, include=["documents", "metadatas"])
        others = {other.id: other for other in self._access(items_of, page) if other.run_id != item.run_id}
        vectors = self._embedder.embed([item.text, *(other.text for other in others.values())])
        index = ExactIndex(self._embedder.dimension)
        index.put(list(others), vectors[1:])
        return neighbours_of(index.nearest(vectors[:1], count)[0], others)

    def retract(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.retract``."""
        announced = self._collection()
        self._access(announced.delete, ids=list(ids))

    def _collection(self) -> Collection:
        return self._access(self._client.get_or_create_collection, ANNOUNCED, embedding_function=None)
