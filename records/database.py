"""One SQLite file of a run: opened, written in whole transactions, and closed so that a copy of it can be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from ..domain.errors import FileError
from ..domain.record import Record
from ..domain.tables import working_part

LONGEST_VALUE = 64_000_000
"""Bytes of one row; what a member says has some thousand."""

R = TypeVar("R", bound=Record)


class Database:
    """The file at ``path`` with the tables of ``schema``; every write commits. Raises ``FileError`` if it is none."""

    def __init__(self, path: Path, schema: str, *, read_only: bool = False) -> None:
        self._path = path
        try:
            if read_only:
                self._db = _to_read(path)
            else:
                self._db = sqlite3.connect(path, isolation_level=None)
                _check_parts(self._db)
                _check_pages(self._db)
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._db.executescript(schema)
        except sqlite3.Error as error:
            raise FileError(path, f"cannot be read as a run's records ({error})", remedy="copy the run again") from None

    def close(self) -> None:
        """Closes the file with its log folded in, so that a copy can be read where nothing may be written."""
        with suppress(sqlite3.OperationalError):  # another process is reading; the log stays beside the file
            self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._db.execute("BEGIN")
        try:
            self._db.executemany(statement, rows)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _read(self, model: type[R], body: str) -> R:
        try:
            return model.model_validate_json(body)
        except ValidationError as error:
            raise FileError(
                self._path,
                f"holds a {model.__name__.lower()} that this version cannot read ({error.errors()[0]['msg']})",
                remedy="open the run with the version of adaem that made it",
            ) from None


def _check_parts(database: sqlite3.Connection) -> None:
    """Raises ``DatabaseError`` for what no run has: the file may come from a stranger."""
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    if part := working_part(database):
        raise sqlite3.DatabaseError(f"it holds {part}")


def _check_pages(database: sqlite3.Connection) -> None:
    """Raises ``DatabaseError`` where the file is damaged: what is written to it could be lost."""
    ((told,),) = database.execute("PRAGMA quick_check(1)")
    if told != "ok":
        raise sqlite3.DatabaseError(str(told))


def _to_read(path: Path) -> sqlite3.Connection:
    address = path.resolve().as_uri()

    def connected() -> sqlite3.Connection:
        database = sqlite3.connect(f"{address}?mode=ro", uri=True, isolation_level=None)
        try:
            _check_parts(database)
            database.execute("SELECT count(*) FROM questions")
        except sqlite3.Error:
            database.close()
            raise
        return database

    try:
        return connected()
    except sqlite3.OperationalError:
        # Killed while it closed the file, the run left a write to undo, which only a connection that may write can.
        with closing(sqlite3.connect(f"{address}?mode=rw", uri=True)) as writer:
            writer.execute("SELECT count(*) FROM questions")
        return connected()
