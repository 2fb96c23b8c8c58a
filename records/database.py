"""One SQLite file of a run: opened, written in whole transactions, and closed so that a copy of it can be read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import ValidationError

from ..domain.errors import FileError, NotWritten
from ..domain.reading.sqlite_schema import working_part
from ..domain.record import Record
from ..domain.texts.hiding import hide, known_keys

LONGEST_VALUE = 64_000_000
"""Bytes of one row; what a member says has some thousand."""

R = TypeVar("R", bound=Record)

LOCK_PATIENCE = 60.0
"""Seconds to wait for another process that has locked the file: a backup or a viewer may hold it for a while."""

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)  # a write that finds no room may end as either


class Database:
    """The file at ``path`` with the tables of ``schema``; every write commits, and no key goes in or out.

    Keys are hidden once more when they are read: records of an earlier version, or of another machine, may hold some.

    Raises ``FileError`` if it is none, and ``NotWritten`` where a write finds no room, or the file locked for longer
    than ``LOCK_PATIENCE``.
    """

    def __init__(self, path: Path, schema: str, *, read_only: bool = False) -> None:
        self._path = path
        self._keys = known_keys()
        try:
            if read_only:
                self._db = _to_read(path)
            else:
                self._db = sqlite3.connect(path, isolation_level=None, timeout=LOCK_PATIENCE)
                _check_parts(self._db)
                _check_pages(self._db)
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._db.executescript(schema)
        except sqlite3.Error as error:
            if (unwritten := not_written(error, path)) is not None:
                raise unwritten from None
            raise FileError(path, f"cannot be read as a run's records ({error})", remedy="copy the run again") from None

    def close(self) -> None:
        """Closes the file with its log folded in, so that a copy can be read where nothing may be written."""
        self._db.execute("PRAGMA busy_timeout = 5000")  # only a courtesy: nothing is lost without it
        with suppress(sqlite3.OperationalError):  # another process is reading; the log stays beside the file
            self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._write_all([(statement, rows)])

    def _write_all(self, statements: Sequence[tuple[str, Iterable[tuple[Any, ...]]]]) -> None:
        """Carries out all ``statements`` or none."""
        with writing(self._path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for statement, rows in statements:
                    self._db.executemany(statement, map(self._without_keys, rows))
            except BaseException:
                if self._db.in_transaction:  # a full disk has ended it already
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _without_keys(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        if not self._keys:
            return row
        together = "\0".join(each for each in row if isinstance(each, str))
        if hide(together, self._keys) == together:  # one look instead of many: this is on the way of every call
            return row
        return tuple(hide(each, self._keys) if isinstance(each, str) else each for each in row)

    @contextmanager
    def _impatient(self) -> Iterator[None]:
        """Within the block a locked file is told at once."""
        self._db.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {1000 * LOCK_PATIENCE:.0f}")

    def _read(self, model: type[R], body: str) -> R:
        try:
            return model.model_validate_json(hide(body, self._keys))
        except ValidationError as error:
            raise FileError(
                self._path,
                f"holds a {model.__name__.lower()} that this version cannot read ({error.errors()[0]['msg']})",
                remedy="open the run with the version of adaem that made it",
            ) from None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tells as one line what keeps the SQLite file at ``path`` from being written. Raises ``NotWritten``."""
    try:
        yield
    except sqlite3.Error as error:
        if (unwritten := not_written(error, path)) is None:
            raise
        raise unwritten from None


def not_written(error: sqlite3.Error, path: Path) -> NotWritten | None:
    """What the user is told of ``error``; None for one that has nothing to do with the place of the file."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the higher bits tell more, such as which call failed
    if code in _BUSY:
        return NotWritten(path, "is locked by another process", remedy="close what has it open", locked=True)
    if code in _NO_ROOM:
        return NotWritten(path, f"cannot be written ({error})", remedy="make room")
    if code == sqlite3.SQLITE_READONLY:
        return NotWritten(path, "may not be written", remedy="check its permissions")
    return None


def _check_parts(database: sqlite3.Connection) -> None:
    """Raises ``DatabaseError`` for what no run has: the file may come from a stranger."""
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    if part := working_part(database):
        raise sqlite3.DatabaseError(f"it holds {part}")


def _check_pages(database: sqlite3.Connection) -> None:
    """Raises ``DatabaseError`` where the file is damaged: what is written to it could be lost."""
    ((problem,),) = database.execute("PRAGMA quick_check(1)")
    if problem != "ok":
        raise sqlite3.DatabaseError(str(problem))


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
