"""The memory on Chroma: a folder with one owner, or a server that runs share; the runs' records are the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

import numpy as np

from ..domain.errors import StoreError
from .announcements import Announcements
from .change_log import ChangeLog
from .chroma_access import DAMAGED, Access, Place
from .chroma_client import (
    close_client,
    embedded_client,
    holds_memory,
    locked,
    questions_collection,
    served_client,
    stored_collection,
)
from .chroma_rows import TEXT_DIGEST, items_of, metadata_of, neighbours_of
from .embedders.embedder import SAME_TEXT, Embedder, Vectors
from .equality import text_digest
from .items import Neighbour, Remembered
from .stamp import Stamp, read_stamp
from .standings import StandingChange
from .text_index import FILE, TextIndex
from .upsert_checks import distinct_by_id
from .vector_search import VectorSearch

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from filelock import FileLock

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 1_000
"""Rows written at a time; Chroma refuses more than 5,461."""
ROWS_A_PAGE = 5_000
"""Rows read at a time; Chroma fails beyond 30,000."""
PROBES = 3
"""Remembered questions that are looked for when a memory is opened."""


class Memory:
    """Keeps the contract of ``QuestionMemory`` in a folder or on a server. Open it with ``Memory.open``, and close it.

    Every method raises ``StoreError`` when the place can no longer be read or written.
    """

    def __init__(
        self,
        place: Place,
        stamp: Stamp,
        embedder: Embedder,
        lock: FileLock | None,
        client: Client,
        collection: Collection,
    ) -> None:
        """Use ``open``; this takes over a lock that is held and a client that is open."""
        self.place = place
        self.stamp = stamp
        self.embedder = embedder
        self._lock = lock
        self._client: Client | None = client
        self._collection = collection
        self._access = access = Access(place)
        self._search = VectorSearch(access, collection, embedder)
        self._log = ChangeLog(access, client)
        # A folder has one owner: there nobody else can be about to ask, and what equals what is known in this process.
        self._announcements = None if isinstance(place, Path) else Announcements(access, client, embedder)
        self._texts: TextIndex | None = None
        self._check_vectors()
        if isinstance(place, Path):
            self._texts = TextIndex(place / FILE)
            self._check_texts(self._texts)

    def _check_vectors(self) -> None:
        """Makes sure that the vectors of the oldest questions are still there.

        Chroma answers on when its vector files are gone, as if nothing near had ever been asked.
        """
        oldest = self._reached(self._items, limit=PROBES)
        for item, expected in zip(oldest, self.embedder.embed([item.text for item in oldest]), strict=True):
            stored = self._vector(item.id)
            if stored is not None and float(stored @ expected) < SAME_TEXT:
                raise StoreError(f"memory {self.place}: the vector of {item.id!r} is lost — {DAMAGED}")

    def _vector(self, identifier: str) -> Vectors | None:
        """A question's vector as it is stored, zeros where it is lost; None where the question is gone meanwhile."""
        from chromadb.errors import InternalError

        try:
            vectors = self._reached(self._collection.get, ids=[identifier], include=["embeddings"])["embeddings"]
        except StoreError as error:
            if not isinstance(error.__cause__, InternalError):
                raise
            return np.zeros(self.embedder.dimension, dtype=np.float32)
        return np.asarray(vectors[0], dtype=np.float32) if vectors is not None and len(vectors) else None

    def _check_texts(self, texts: TextIndex) -> None:
        """Makes the index anew where it does not hold what Chroma holds: a crash came between the two."""
        if len(texts) != self.count():
            texts.clear()
            texts.put((item.id, item.text) for item in self.all_items())

    @classmethod
    def open(cls, place: Place, embedder: Embedder, framework_id: str) -> Self:
        """The memory at ``place``, made if there is none; a folder is owned by this process until it is closed.

        Raises ``StoreLocked`` when another process (or this one) has it open, ``StampMismatch`` when it was made by
        another framework, embedder or schema, ``StoreError`` when the place cannot be used. An existing memory is
        left as it was in each case.
        """
        stamp = Stamp(framework=framework_id, embedder=embedder.fingerprint, dimension=embedder.dimension)
        return cls._opened(place, lambda client: (embedder, stamp))

    @classmethod
    def reopen(cls, place: Place, embedder: Callable[[Stamp], Embedder]) -> Self:
        """The memory that is at ``place``, whatever it was made with: ``embedder`` makes what its stamp asks for.

        Raises as ``open`` does, and ``StoreError`` where there is no memory: none is made.
        """
        if isinstance(place, Path) and not holds_memory(place):
            raise StoreError(f"memory {place}: does not exist — name a folder that a run used with --memory, or a run")

        def stamped(client: Client) -> tuple[Embedder, Stamp]:
            stamp = read_stamp(place, stored_collection(client, place).metadata)
            made = embedder(stamp)
            return made, Stamp(framework=stamp.framework, embedder=made.fingerprint, dimension=made.dimension)

        return cls._opened(place, stamped)

    @classmethod
    def _opened(cls, place: Place, stamped: Callable[[Client], tuple[Embedder, Stamp]]) -> Self:
        lock = locked(place) if isinstance(place, Path) else None
        client = None
        try:
            client = embedded_client(place) if isinstance(place, Path) else served_client(place)
            embedder, stamp = stamped(client)
            return cls(place, stamp, embedder, lock, client, questions_collection(client, place, stamp))
        except BaseException:
            if client is not None:
                close_client(client)
            if lock is not None:
                lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Writes out what Chroma holds and gives the folder free; a second call does nothing."""
        if self._client is None:
            return
        try:
            close_client(self._client)
        finally:
            self._client = None
            if self._texts is not None:
                self._texts.close()
            if self._lock is not None:
                self._lock.release()

    def remember(self, items: Sequence[Remembered]) -> None:
        """See ``QuestionMemory.remember``; 10 ms for one, 2 ms each in a batch of 1,000: keep a round at once."""
        distinct = distinct_by_id(items)
        for start in range(0, len(distinct), BATCH):
            batch = distinct[start : start + BATCH]
            vectors = self.embedder.embed([item.text for item in batch])
            ids = [item.id for item in batch]
            self._reached(self._write, batch, vectors)
            self._search.put(ids, vectors)
            self.retract(ids)

    def _write(self, items: Sequence[Remembered], vectors: Vectors) -> None:
        ids = [item.id for item in items]
        if self._texts is not None:
            # Before and after: a crash in between leaves a number that is not Chroma's.
            self._texts.drop(ids)
        self._collection.upsert(
            ids=ids,
            embeddings=vectors,
            documents=[item.text for item in items],
            metadatas=[metadata_of(item) for item in items],
        )
        if self._texts is not None:
            self._texts.put((item.id, item.text) for item in items)

    def forget(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.forget``."""
        for start in range(0, len(ids), BATCH):
            batch = list(ids[start : start + BATCH])
            self._reached(self._delete, batch)
            self._search.drop(batch)
            self.retract(batch)

    def _delete(self, ids: list[str]) -> None:
        self._collection.delete(ids=ids)
        if self._texts is not None:
            self._texts.drop(ids)

    def nearest(self, texts: Sequence[str], count: int) -> list[list[Neighbour]]:
        """See ``QuestionMemory.nearest``. Exact up to ``search.EXACT`` questions, approximate beyond."""
        self._check_open()
        if not texts or count < 1:
            return [[] for _ in texts]
        rows = self._search.nearest(self.embedder.embed(texts), count)
        items = {item.id: item for item in self.get([identifier for row in rows for identifier, _ in row])}
        return [neighbours_of(row, items) for row in rows]

    def ids_of_text(self, text: str) -> tuple[str, ...]:
        """See ``QuestionMemory.ids_of_text``."""
        if (texts := self._texts) is not None:
            return self._reached(texts.ids_of, text)
        digest = text_digest(text)
        return tuple(
            sorted(self._reached(lambda: self._collection.get(where={TEXT_DIGEST: digest}, include=[]))["ids"])
        )

    def contains_text(self, text: str) -> bool:
        """See ``QuestionMemory.contains_text``."""
        return bool(self.ids_of_text(text))

    def get(self, ids: Sequence[str]) -> list[Remembered]:
        """See ``QuestionMemory.get``."""
        wanted = list(dict.fromkeys(ids))
        by_id: dict[str, Remembered] = {}
        for start in range(0, len(wanted), ROWS_A_PAGE):
            part = wanted[start : start + ROWS_A_PAGE]
            by_id.update((item.id, item) for item in self._reached(self._items, ids=part))
        return [by_id[identifier] for identifier in wanted if identifier in by_id]

    def count(self) -> int:
        """See ``QuestionMemory.count``."""
        return self._reached(self._collection.count)

    def all_items(self) -> Iterator[Remembered]:
        """See ``QuestionMemory.all_items``; read in pages."""
        offset = 0
        while True:
            items = self._reached(self._items, limit=ROWS_A_PAGE, offset=offset)
            yield from items
            if len(items) < ROWS_A_PAGE:
                return
            offset += ROWS_A_PAGE

    def _items(self, **which: Any) -> list[Remembered]:
        return items_of(self._collection.get(**which, include=["documents", "metadatas"]))

    def note(self, changes: Sequence[StandingChange]) -> None:
        """See ``QuestionMemory.note``."""
        self._check_open()
        self._log.note(changes)

    def changes(self) -> list[StandingChange]:
        """See ``QuestionMemory.changes``."""
        self._check_open()
        return self._log.read()

    def announce(self, item: Remembered, count: int) -> list[Neighbour]:
        """See ``QuestionMemory.announce``."""
        self._check_open()
        return [] if self._announcements is None else self._announcements.announce(item, count)

    def retract(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.retract``."""
        self._check_open()
        if self._announcements is not None and ids:
            self._announcements.retract(ids)

    def _reached(self, call: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        self._check_open()
        return self._access(call, *given, **named)

    def _check_open(self) -> None:
        if self._client is None:
            raise StoreError(f"memory {self.place}: is closed")
