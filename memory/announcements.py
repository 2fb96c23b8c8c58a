"""What the runs on a server are about to ask, until they remember it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .chroma_access import Access
from .chroma_rows import items_of, metadata_of, neighbours_of
from .embedders.embedder import Embedder
from .equality import DIGEST_LENGTH, text_digest
from .exact_search import ExactIndex
from .items import Neighbour, Remembered

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

ANNOUNCED = "announced"

DIGEST_MARK = " "
"""Between a question's id and its text's digest: a row's id. A row never changes, so what was read stays true."""

ROWS_A_PAGE = 5_000
"""Rows read at a time; Chroma fails beyond 30,000."""


class Announcements:
    """A collection beside the questions. It has no clock: an announcement lasts until its run takes it back.

    Each is read and embedded once; after that only the ids of all are asked for, which tell what is new and what gone.
    """

    def __init__(self, access: Access, client: Client, embedder: Embedder) -> None:
        self._access = access
        self._client = client
        self._embedder = embedder
        self._index = ExactIndex(embedder.dimension)
        self._others: dict[str, Remembered] = {}
        self._own: dict[str, str] = {}

    def announce(self, item: Remembered, count: int) -> list[Neighbour]:
        """See ``QuestionMemory.announce``."""
        announced = self._collection()
        row = f"{item.id}{DIGEST_MARK}{text_digest(item.text)}"
        self._access(
            announced.upsert,
            ids=[row],
            embeddings=np.ones((1, 1), dtype=np.float32),
            documents=[item.text],
            metadatas=[metadata_of(item)],
        )
        # In other words than before: the new ones stand first, so that there is no moment without any.
        if (before := self._own.get(item.id, row)) != row:
            self._access(announced.delete, ids=[before])
        self._own[item.id] = row
        self._read_new(announced)
        # Candidates of the run itself are compared when they are remembered.
        others = {row: other for row, other in self._others.items() if other.run_id != item.run_id}
        near = self._index.nearest(self._embedder.embed([item.text]), count + len(self._others) - len(others))[0]
        return neighbours_of([each for each in near if each[0] in others][:count], others)

    def retract(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.retract``; of a process that was killed, too, and of any version."""
        announced, wanted = self._collection(), {*ids}
        rows = [row for row in self._row_ids(announced) if _question_id(row) in wanted]
        if rows:
            self._access(announced.delete, ids=rows)
        for identifier in wanted:
            self._own.pop(identifier, None)

    def _read_new(self, announced: Collection) -> None:
        """Brings what is known of others to what is announced now."""
        there = dict.fromkeys(self._row_ids(announced))
        own = {*self._own.values()}
        gone = [row for row in self._others if row not in there]
        self._index.drop(gone)
        for row in gone:
            del self._others[row]
        new = [row for row in there if row not in self._others and row not in own]
        for start in range(0, len(new), ROWS_A_PAGE):
            # Their texts alone: where others add and delete, Chroma's vectors and rows do not always agree.
            part = new[start : start + ROWS_A_PAGE]
            page = self._access(announced.get, ids=part, include=["documents", "metadatas"])
            items = self._access(items_of, page)
            read = {item.id: item.model_copy(update={"id": _question_id(item.id)}) for item in items}
            self._index.put(list(read), self._embedder.embed([other.text for other in read.values()]))
            self._others.update(read)

    def _row_ids(self, announced: Collection) -> list[str]:
        # At once: between two pages others delete, and a row would move from one that is still to come to one that was.
        return self._access(announced.get, include=[])["ids"]

    def _collection(self) -> Collection:
        return self._access(self._client.get_or_create_collection, ANNOUNCED, embedding_function=None)


def _question_id(row: str) -> str:
    """Whose announcement a row is. Those of earlier versions have the question's own id."""
    identifier, mark, digest = row.rpartition(DIGEST_MARK)
    return identifier if mark and len(digest) == DIGEST_LENGTH else row
