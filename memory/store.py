"""The memory on disk: an embedded Chroma collection that one process owns; the run's records are the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from ..domain.errors import StoreError, StoreLocked
from .embedder import SAME_TEXT, Embedder
from .equality import TextIndex
from .items import Neighbour, Remembered
from .life import Change, in_order
from .stamp import Stamp, check_stamp, read_stamp
from .upsert import distinct_by_id

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from filelock import FileLock

COLLECTION = "questions"
CHANGES = "changes"
"""The log of changes stands beside the questions, so that a memory is one folder."""

DATABASE = "chroma.sqlite3"
LOCK_FILE = "memory.lock"
BATCH = 1_000
"""Rows written at a time; Chroma refuses more than 5,461."""
PAGE = 5_000
"""Rows read at a time; Chroma fails beyond 30,000."""
PROBES = 3
"""Remembered questions that are looked for when a memory is opened."""

_WRITTEN_BY = "written_by_chromadb"
_DAMAGED = "move the folder away (the run's records stay the truth), or name another with --memory"


class Memory:
    """Keeps the contract of ``QuestionMemory`` in a folder. Open it with ``Memory.open``, and close it.

    Every method raises ``StoreError`` when the folder can no longer be read or written.
    """

    def __init__(
        self, folder: Path, embedder: Embedder, lock: FileLock, client: Client, collection: Collection
    ) -> None:
        """Use ``open``; this takes over a lock that is held and a client that is open."""
        self.folder = folder
        self.embedder = embedder
        self._lock = lock
        self._client: Client | None = client
        self._collection = collection
        self._texts = TextIndex()
        self._learn_texts()

    def _learn_texts(self) -> None:
        """Indexes the remembered texts by equality, and makes sure that the vectors of the oldest are still there.

        Chroma answers on when its vector files are gone, as if nothing near had ever been asked.
        """
        oldest: list[Remembered] = []
        for item in self.all_items():
            self._texts.put(item.id, item.text)
            if len(oldest) < PROBES:
                oldest.append(item)
        for item, found in zip(oldest, self.nearest([item.text for item in oldest], 1), strict=True):
            if not found or found[0].similarity < SAME_TEXT:
                raise StoreError(f"memory {self.folder}: the vector of {item.id!r} is lost — {_DAMAGED}")

    @classmethod
    def open(cls, folder: Path, embedder: Embedder, framework_id: str) -> Self:
        """The memory in ``folder``, made if there is none, owned by this process until it is closed.

        Raises ``StoreLocked`` when another process (or this one) has it open, ``StampMismatch`` when it was made by
        another framework, embedder or schema, ``StoreError`` when the folder cannot be used. An existing memory is
        left as it was in each case.
        """
        stamp = Stamp(framework=framework_id, embedder=embedder.fingerprint, dimension=embedder.dimension)
        lock = _locked(folder)
        client = None
        try:
            client = _client(folder)
            return cls(folder, embedder, lock, client, _collection(client, folder, stamp))
        except BaseException:
            if client is not None:
                client.close()
            lock.release()
            raise

    @classmethod
    def reopen(cls, folder: Path, embedder: Callable[[Stamp], Embedder]) -> Self:
        """The memory that is in ``folder``, whatever it was made with: ``embedder`` makes what its stamp asks for.

        Raises as ``open`` does, and ``StoreError`` where there is no memory: none is made.
        """
        if not (folder / DATABASE).exists():
            raise StoreError(f"memory {folder}: there is none — name a folder that a run used with --memory, or a run")
        lock = _locked(folder)
        client = None
        try:
            client = _client(folder)
            found = read_stamp(folder, _stored(client, folder).metadata)
            made = embedder(found)
            stamp = Stamp(framework=found.framework, embedder=made.fingerprint, dimension=made.dimension)
            return cls(folder, made, lock, client, _collection(client, folder, stamp))
        except BaseException:
            if client is not None:
                client.close()
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
            self._client.close()
        finally:
            self._client = None
            self._lock.release()

    def remember(self, items: Sequence[Remembered]) -> None:
        """See ``QuestionMemory.remember``; 10 ms for one, 2 ms each in a batch of 1,000: keep a round at once."""
        kept = distinct_by_id(items)
        for start in range(0, len(kept), BATCH):
            batch = kept[start : start + BATCH]
            vectors = self.embedder.embed([item.text for item in batch])
            with self._reached():
                self._collection.upsert(
                    ids=[item.id for item in batch],
                    embeddings=vectors,
                    documents=[item.text for item in batch],
                    metadatas=[_metadata(item) for item in batch],
                )
            for item in batch:
                self._texts.put(item.id, item.text)

    def forget(self, ids: Sequence[str]) -> None:
        """See ``QuestionMemory.forget``."""
        for start in range(0, len(ids), BATCH):
            batch = list(ids[start : start + BATCH])
            with self._reached():
                self._collection.delete(ids=batch)
            for identifier in batch:
                self._texts.drop(identifier)

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
            return [_neighbours(*row) for row in zip(*(column or [] for column in columns), strict=True)]

    def ids_of_text(self, text: str) -> tuple[str, ...]:
        """See ``QuestionMemory.ids_of_text``."""
        return self._texts.ids_of(text)

    def contains_text(self, text: str) -> bool:
        """See ``QuestionMemory.contains_text``."""
        return bool(self.ids_of_text(text))

    def get(self, ids: Sequence[str]) -> list[Remembered]:
        """See ``QuestionMemory.get``."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Remembered] = {}
        for start in range(0, len(wanted), PAGE):
            with self._reached():
                page = self._collection.get(ids=wanted[start : start + PAGE], include=["documents", "metadatas"])
                found.update((item.id, item) for item in _items(page))
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
                page = self._collection.get(limit=PAGE, offset=offset, include=["documents", "metadatas"])
                items = _items(page)
            yield from items
            if len(items) < PAGE:
                return
            offset += PAGE

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
                page = self._log().get(limit=PAGE, offset=len(found), include=["documents", "metadatas"])
            rows = zip(page["documents"] or [], page["metadatas"] or [], strict=True)
            read = [Change.model_validate({**metadata, "why": why}) for why, metadata in rows]
            found += read
            if len(read) < PAGE:
                return in_order(found)

    def _log(self) -> Collection:
        assert self._client is not None
        # Chroma keeps nothing without a vector: every change has the same one, and none is ever searched for.
        return self._client.get_or_create_collection(CHANGES, embedding_function=None)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        if self._client is None:
            raise StoreError(f"memory {self.folder}: is closed")
        with _store_errors(self.folder):
            yield


def _locked(folder: Path) -> FileLock:
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK_FILE, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise StoreLocked(
            f"memory {folder}: another process has it open — wait until that ends, or name another folder with --memory"
        ) from None
    except (OSError, NotImplementedError) as error:
        problem = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StoreError(
            f"memory {folder}: cannot be opened for writing ({problem}) — name a folder that you may write to"
        ) from error
    return lock


@contextmanager
def _store_errors(folder: Path) -> Iterator[None]:
    """Chroma's errors as one line that names the folder. Its Rust side reports every fault as a ``ChromaError``."""
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, OSError) as error:
        problem = " ".join(str(error).split())
        raise StoreError(f"memory {folder}: cannot be read or written ({problem}) — {_DAMAGED}") from error


def _client(folder: Path) -> Client:
    import chromadb
    from chromadb.config import Settings

    with _store_errors(folder):
        # _env_file: Chroma would read the settings of a `.env` in whatever folder the user stands.
        settings = Settings(_env_file=None, anonymized_telemetry=False)
        return cast("Client", chromadb.PersistentClient(str(folder.resolve()), settings))


def _stored(client: Client, folder: Path) -> Collection:
    from chromadb.errors import NotFoundError

    with _store_errors(folder):
        try:
            return client.get_collection(COLLECTION, embedding_function=None)
        except NotFoundError:
            raise StoreError(f"memory {folder}: holds no questions of ours — name another folder") from None


def _collection(client: Client, folder: Path, stamp: Stamp) -> Collection:
    """The collection with our stamp, made when there is none."""
    from chromadb.errors import NotFoundError

    with _store_errors(folder):
        try:
            collection = client.get_collection(COLLECTION, embedding_function=None)
        except NotFoundError:
            return client.create_collection(
                COLLECTION,
                # Exact enough that the neighbours, and with them a run, depend on nothing but what was remembered.
                configuration={"hnsw": {"space": "cosine", "num_threads": 1, "ef_construction": 400, "ef_search": 400}},
                metadata={**stamp.as_metadata(), _WRITTEN_BY: client.get_version()},
                embedding_function=None,
            )
        check_stamp(folder, collection.metadata, stamp)
        _check_version(client, collection, folder)
        return collection


def _check_version(client: Client, collection: Collection, folder: Path) -> None:
    """Chroma opens a newer version's folder without complaint, so the newest that wrote here is in the metadata."""
    installed, written_by = client.get_version(), str(collection.metadata.get(_WRITTEN_BY, ""))
    if _release(written_by) > _release(installed):
        raise StoreError(
            f"memory {folder}: was written by chromadb {written_by}, installed is {installed} — "
            "upgrade chromadb, or name another folder with --memory"
        )
    if _release(written_by) < _release(installed):
        collection.modify(metadata={**collection.metadata, _WRITTEN_BY: installed})


def _release(version: str) -> tuple[int, ...]:
    """Major and minor: the parts with which Chroma changes what is on disk."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def _metadata(item: Remembered) -> dict[str, str | float | None]:
    # None is written too: an upsert merges metadata, and only a None removes a score that was there before.
    return item.model_dump(exclude={"id", "text"})


def _items(page: Mapping[str, Any]) -> list[Remembered]:
    return [
        Remembered(id=identifier, text=text, **metadata)
        for identifier, text, metadata in zip(page["ids"], page["documents"], page["metadatas"], strict=True)
    ]


def _neighbours(
    ids: Sequence[str], texts: Sequence[str], metadatas: Sequence[Mapping[str, Any]], distances: Sequence[float]
) -> list[Neighbour]:
    found = [
        Neighbour(id=identifier, text=text, similarity=min(1.0, max(-1.0, 1.0 - distance)), **metadata)
        for identifier, text, metadata, distance in zip(ids, texts, metadatas, distances, strict=True)
    ]
    return sorted(found, key=lambda neighbour: (-neighbour.similarity, neighbour.id))
