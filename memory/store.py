"""The memory on Chroma: a folder with one owner, or a server that runs share; the runs' records are the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from ..domain.errors import StoreError
from .chroma import (
    DAMAGED,
    Place,
    close_client,
    embedded_client,
    holds_memory,
    locked,
    questions_collection,
    served_client,
    store_errors,
    stored_collection,
)
from .embedder import SAME_TEXT, Embedder
from .equality import text_digest
from .items import Neighbour, Remembered
from .life import Change, in_order
from .rows import TEXT_DIGEST, items_of, metadata_of, neighbours_of
from .stamp import Stamp, read_stamp
from .texts import FILE, TextIndex
from .upsert import distinct_by_id

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from filelock import FileLock

CHANGES = "changes"
"""The log of changes stands beside the questions, so that a memory is one folder."""

ANNOUNCED = "announced"
"""What runs on a server are about to ask, until they remember it."""

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
        # On a server others write too: what stands there is asked each time.
        self._texts: TextIndex | None = None
        self._check_vectors()
        if isinstance(place, Path):
            self._texts = TextIndex(place / FILE)
            self._check_texts(self._texts)

    def _check_vectors(self) -> None:
        """Makes sure that the vectors of the oldest questions are still there.

        Chroma answers on when its vector files are gone, as if nothing near had ever been asked.
        """
        with self._reached():
            oldest = items_of(self._collection.get(limit=PROBES, include=["documents", "metadatas"]))
        for item, found in zip(oldest, self.nearest([item.text for item in oldest], 1), strict=True):
            if not found or found[0].similarity < SAME_TEXT:
                raise StoreError(f"memory {self.place}: the vector of {item.id!r} is lost — {DAMAGED}")

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
            raise StoreError(f"memory {place}: there is none — name a folder that a run used with --memory, or a run")

        def stamped(client: Client) -> tuple[Embedder, Stamp]:
            found = read_stamp(place, stored_collection(client, place).metadata)
            made = embedder(found)
            return made, Stamp(framework=found.framework, embedder=made.fingerprint, dimension=made.dimension)

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
        kept = distinct_by_id(items)
        for start in range(0, len(kept), BATCH):
            batch = kept[start : start + BATCH]
            vectors = self.embedder.embed([item.text for item in batch])
            with self._reached():
                if self._texts is not None:
                    # Before and after: a crash in between leaves a number that is not Chroma's.
                    self._texts.drop([item.id for item in batch])
                self._collection.upsert(
                    ids=[item.id for item in batch],
                    embeddings=vectors,
                    documents=[item.text for item in batch],
                    metadatas=[metadata_of(item) for item in batch],
                )
                if self._texts is not None:
                    self._texts.put((item.id, item.text) for item in batch)
            self.retract([item.id for item in batch])

    def forget(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.forget``."""
        for start in range(0, len(ids), BATCH):
            batch = list(ids[start : start + BATCH])
            with self._reached():
                self._collection.delete(ids=batch)
                if self._texts is not None:
                    self._texts.drop(batch)
            self.retract(batch)

    def nearest(self, texts: Sequence[str], count: int) -> list[list[Neighbour]]:
        """See ``QuestionMemory.nearest``. The index is approximate beyond a few thousand questions."""
        if not texts or count < 1:
            return [[] for _ in texts]
        vectors = self.embedder.embed(texts)
        with self._reached():
            # No `where` filter here: one makes the query a hundred times slower (ARCHITECTURE.md, Chroma).
            found = self._collection.query(
                query_embeddings=vectors, n_results=count, include=["documents", "metadatas", "distances"]
            )
            columns = [found["ids"], found["documents"], found["metadatas"], found["distances"]]
            return [neighbours_of(*row) for row in zip(*(column or [] for column in columns), strict=True)]

    def ids_of_text(self, text: str) -> tuple[str, ...]:
        """See ``QuestionMemory.ids_of_text``."""
        with self._reached():
            if self._texts is not None:
                return self._texts.ids_of(text)
            return tuple(sorted(self._collection.get(where={TEXT_DIGEST: text_digest(text)}, include=[])["ids"]))

    def contains_text(self, text: str) -> bool:
        """See ``QuestionMemory.contains_text``."""
        return bool(self.ids_of_text(text))

    def get(self, ids: Sequence[str]) -> list[Remembered]:
        """See ``QuestionMemory.get``."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Remembered] = {}
        for start in range(0, len(wanted), ROWS_A_PAGE):
            with self._reached():
                page = self._collection.get(ids=wanted[start : start + ROWS_A_PAGE], include=["documents", "metadatas"])
                found.update((item.id, item) for item in items_of(page))
        return [found[identifier] for identifier in wanted if identifier in found]

    def count(self) -> int:
        """See ``QuestionMemory.count``."""
        with self._reached():
            return self._collection.count()

    def all_items(self) -> Iterator[Remembered]:
        """See ``QuestionMemory.all_items``; read in pages."""
        offset = 0
        while True:
            with self._reached():
                page = self._collection.get(limit=ROWS_A_PAGE, offset=offset, include=["documents", "metadatas"])
                items = items_of(page)
            yield from items
            if len(items) < ROWS_A_PAGE:
                return
            offset += ROWS_A_PAGE

    def note(self, changes: Sequence[Change]) -> None:
        """See ``QuestionMemory.note``."""
        kept = {change.id: change for change in changes}
        for start in range(0, len(kept), BATCH):
            batch = list(kept.values())[start : start + BATCH]
            with self._reached():
                self._log().upsert(
                    ids=[change.id for change in batch],
                    embeddings=np.ones((len(batch), 1), dtype=np.float32),
                    documents=[change.why for change in batch],
                    metadatas=[change.model_dump(mode="json", exclude={"why"}) for change in batch],
                )

    def changes(self) -> list[Change]:
        """See ``QuestionMemory.changes``; read in pages."""
        found: list[Change] = []
        while True:
            with self._reached():
                page = self._log().get(limit=ROWS_A_PAGE, offset=len(found), include=["documents", "metadatas"])
            rows = zip(page["documents"] or [], page["metadatas"] or [], strict=True)
            read = [Change.model_validate({**metadata, "why": why}) for why, metadata in rows]
            found += read
            if len(read) < ROWS_A_PAGE:
                return in_order(found)

    def announce(self, item: Remembered, count: int) -> list[Neighbour]:
        """See ``QuestionMemory.announce``. A folder has one owner: there nobody else can be about to ask."""
        if self._texts is not None:
            return []
        with self._reached():
            announced = self._announced()
            announced.upsert(
                ids=[item.id],
                embeddings=np.ones((1, 1), dtype=np.float32),
                documents=[item.text],
                metadatas=[metadata_of(item)],
            )
            # Their texts alone: where others add and delete, Chroma's vectors and rows do not always agree.
            page = announced.get(include=["documents", "metadatas"])
        others = [other for other in items_of(page) if other.run_id != item.run_id]
        vectors = self.embedder.embed([item.text, *(other.text for other in others)])
        near = [
            Neighbour(**other.model_dump(), similarity=min(1.0, max(-1.0, float(cosine))))
            for other, cosine in zip(others, vectors[1:] @ vectors[0], strict=True)
        ]
        return sorted(near, key=lambda neighbour: (-neighbour.similarity, neighbour.id))[:count]

    def retract(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.retract``."""
        if self._texts is None and ids:
            with self._reached():
                self._announced().delete(ids=list(ids))

    def _announced(self) -> Collection:
        assert self._client is not None
        return self._client.get_or_create_collection(ANNOUNCED, embedding_function=None)

    def _log(self) -> Collection:
        assert self._client is not None
        # Chroma keeps nothing without a vector: every change has the same one, and none is ever searched for.
        return self._client.get_or_create_collection(CHANGES, embedding_function=None)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        if self._client is None:
            raise StoreError(f"memory {self.place}: is closed")
        with store_errors(self.place):
            yield
