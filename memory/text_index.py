"""Which remembered questions are equal to a text: an index by digest, kept in a file beside Chroma's.

Chroma finds a digest among a memory's rows in 7 ms; this finds it in a fraction of one, and opening it reads no text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..domain.reading.sqlite_schema import working_part
from .equality import text_digest

FILE = "texts.sqlite"
NORMALISATION = 1
"""Raise it when ``equality.normalised`` changes: indexes of another number are made anew."""

_SCHEMA = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA user_version = {NORMALISATION};
CREATE TABLE IF NOT EXISTS texts (id TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_digest ON texts (digest);
"""


class TextIndex:
    """The ids of remembered texts by their normalised form, as digests so that long texts cost nothing.

    ``path``: its file, made if there is none, and made anew, empty, where it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._texts = _opened(path)
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            self._texts = _opened(path)

    def __len__(self) -> int:
        return int(self._texts.execute("SELECT count(*) FROM texts").fetchone()[0])

    def put(self, texts: Iterable[tuple[str, str]]) -> None:
        """Each id of the pairs ``(id, text)`` now stands for its text, and no longer for what it stood for before."""
        rows = [(identifier, text_digest(text)) for identifier, text in texts]
        with self._texts:
            self._texts.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?)", rows)

    def drop(self, ids: Sequence[str]) -> None:
        """These ids stand for nothing any more."""
        with self._texts:
            self._texts.executemany("DELETE FROM texts WHERE id = ?", [(identifier,) for identifier in ids])

    def clear(self) -> None:
        """No id stands for anything."""
        with self._texts:
            self._texts.execute("DELETE FROM texts")

    def ids_of(self, text: str) -> tuple[str, ...]:
        """The ids whose normalised text equals that of ``text``, sorted."""
        rows = self._texts.execute("SELECT id FROM texts WHERE digest = ? ORDER BY id", (text_digest(text),))
        return tuple(str(row[0]) for row in rows)

    def close(self) -> None:
        """Lets go of the file."""
        self._texts.close()


def _opened(path: Path) -> sqlite3.Connection:
    texts = sqlite3.connect(path)
    try:
        if part := working_part(texts):
            raise sqlite3.DatabaseError(f"holds {part}")
        if (problem := texts.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(str(problem))
        if texts.execute("PRAGMA user_version").fetchone()[0] != NORMALISATION:
            texts.execute("DROP TABLE IF EXISTS texts")
        texts.executescript(_SCHEMA)
    except sqlite3.Error:
        texts.close()
        raise
    return texts
