"""Chroma opened: embedded in this process, which then owns the folder, or a server that several runs share."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from ..domain.errors import StoreError, StoreLocked
from ..domain.reading.files import check_plain
from ..domain.reading.sqlite_schema import working_part
from .chroma_access import DAMAGED, Access, Place, is_url, load_chroma, store_errors
from .stamp import Stamp, check_stamp

if TYPE_CHECKING:
    import httpx
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from filelock import FileLock

COLLECTION = "questions"
DATABASE = "chroma.sqlite3"
LOCK_FILE = "memory.lock"
SECONDS_TO_ANSWER = 60.0
"""A server that takes longer is silent; Chroma's client would wait for ever."""

NEIGHBOURS = 64
"""Links of a vector in Chroma's graph. With its own default, 16, vectors that are much alike, or not at all, lose
every link to them, and no search finds them again (docs/MEMORY.md)."""

_WRITTEN_BY = "written_by_chromadb"

_FULL_TEXT = "embedding_fulltext_search"
"""Chroma's own virtual table."""


def place_of(text: str) -> Place:
    """What a user names as a memory: an address stays a string, anything else is a folder."""
    return text if is_url(text) else Path(text)


def holds_memory(place: Place) -> bool:
    """Whether there is a memory at ``place``; none is made. Raises ``StoreError`` when a server does not answer."""
    if isinstance(place, Path):
        return (place / DATABASE).exists()
    client = served_client(place)
    try:
        with store_errors(place):
            return any(collection.name == COLLECTION for collection in client.list_collections())
    finally:
        close_client(client)


def locked(folder: Path) -> FileLock:
    """The lock of a folder, held; the folder is made if there is none. Raises ``StoreLocked`` or ``StoreError``."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK_FILE, timeout=0)
    try:
        if folder.exists():
            check_plain(folder)
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


def served_client(url: str) -> Client:
    """A client of the Chroma server at ``url``. Raises ``StoreError`` when none answers there."""
    load_chroma()
    import chromadb
    import httpx
    from chromadb.config import Settings

    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if "@" in parts.netloc:  # not repeated: it may hold a password
        raise StoreError("memory: an address must not hold a user's name or password — write http://host:port")
    if not parts.hostname or port == 0 or parts.path.strip("/") or parts.query:
        raise StoreError(f"memory {url}: is not the address of a Chroma server — write http://host:port")
    with store_errors(url):
        settings = Settings(_env_file=None, anonymized_telemetry=False)
        secure = parts.scheme == "https"
        made = chromadb.HttpClient(parts.hostname, port or (443 if secure else 8000), ssl=secure, settings=settings)
        client = cast("Client", made)
        for session in _sessions(client):
            session.timeout = httpx.Timeout(SECONDS_TO_ANSWER)
        return client


def embedded_client(folder: Path) -> Client:
    """Chroma in this process, on a folder whose lock is held. Raises ``StoreError``."""
    load_chroma()
    import chromadb
    from chromadb.config import Settings

    with store_errors(folder):
        _check_folder(folder)
        # _env_file: Chroma would read the settings of a `.env` in whatever folder the user stands.
        settings = Settings(_env_file=None, anonymized_telemetry=False)
        return cast("Client", chromadb.PersistentClient(str(folder.resolve()), settings))


def _check_folder(folder: Path) -> None:
    """Raises ``StoreError`` where the folder holds what no memory of ours does; it may come from a stranger."""
    if not (folder / DATABASE).exists():
        return
    with closing(sqlite3.connect(f"{(folder / DATABASE).resolve().as_uri()}?mode=ro", uri=True)) as database:
        if part := working_part(database, virtual=(_FULL_TEXT,)):
            raise StoreError(
                f"memory {folder}: its database holds {part}, which no memory of adaem contains — {DAMAGED}"
            )


def _check_schema(place: Place, collection: Collection) -> None:
    """Raises ``StoreError`` for a collection that names an embedder of Chroma's: ours never does."""
    model = getattr(collection, "_model", None)
    named = json.dumps([collection.configuration_json, getattr(model, "serialized_schema", None)])
    if '"type": "known"' in named:
        raise StoreError(
            f"memory {place}: names an embedder for Chroma to load, which no memory of adaem does — {DAMAGED}"
        )


def close_client(client: Client) -> None:
    """Writes out what an embedded client holds, and closes a served one's connections, which Chroma does not."""
    sessions = _sessions(client)
    client.close()
    for session in sessions:
        session.close()


def _sessions(client: Client) -> list[httpx.Client]:
    """A served client's connections. Chroma has no setting for how long it waits, and does not close them."""
    servers = [getattr(each, "_server", None) for each in (client, getattr(client, "_admin_client", None))]
    return [session for server in servers if (session := getattr(server, "_session", None)) is not None]


def stored_collection(client: Client, place: Place) -> Collection:
    """The questions that are there. Raises ``StoreError`` where none were ever kept."""
    collection = Access(place)(_existing_collection, client)
    if collection is None:
        raise StoreError(f"memory {place}: contains no questions of adaem — name another folder")
    _check_schema(place, collection)
    return collection


def questions_collection(client: Client, place: Place, stamp: Stamp) -> Collection:
    """The collection with our stamp, made when there is none. Raises ``StampMismatch`` or ``StoreError``."""
    access = Access(place)
    collection = access(_existing_collection, client)
    if collection is None:
        # Two runs may come to an empty server at once: whoever is second gets what the first has made.
        collection = access(
            client.get_or_create_collection,
            COLLECTION,
            configuration={
                "hnsw": {
                    "space": "cosine",
                    "num_threads": 1,
                    "ef_construction": 400,
                    "ef_search": 400,
                    "max_neighbors": NEIGHBOURS,
                }
            },
            metadata={**stamp.as_metadata(), _WRITTEN_BY: client.get_version()},
            embedding_function=None,
        )
    _check_schema(place, collection)
    check_stamp(place, collection.metadata, stamp)
    access(_check_version, client, collection, place)
    return collection


def _existing_collection(client: Client) -> Collection | None:
    from chromadb.errors import NotFoundError

    try:
        return client.get_collection(COLLECTION, embedding_function=None)
    except NotFoundError:
        return None


def _check_version(client: Client, collection: Collection, place: Place) -> None:
    """Chroma opens a newer version's place without complaint, so the newest that wrote here is in the metadata."""
    installed = client.get_version()
    written_by = str(collection.metadata.get(_WRITTEN_BY, ""))
    if _release(written_by) > _release(installed):
        raise StoreError(
            f"memory {place}: was written by chromadb {written_by}, installed is {installed} — "
            "upgrade chromadb, or name another folder with --memory"
        )
    if _release(written_by) < _release(installed):
        collection.modify(metadata={**collection.metadata, _WRITTEN_BY: installed})


def _release(version: str) -> tuple[int, ...]:
    """Major and minor: the parts with which Chroma changes what is on disk."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
