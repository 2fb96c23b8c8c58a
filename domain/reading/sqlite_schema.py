"""What a SQLite file that may come from a stranger must not hold: parts that work when it is read or written to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Protocol


class SqlConnection(Protocol):
    """A connection to a database."""

    def execute(self, statement: str, /) -> Iterable[Any]:
        """The rows of an answer."""
        ...


def working_part(database: SqlConnection, virtual: Collection[str] = ()) -> str:
    """The first part of ``database`` that is no plain table or index, in words; "" where there is none.

    A trigger runs when something is written, a view may never end when it is read, and a virtual table is a library's;
    those named in ``virtual`` belong there.
    """
    database.execute("PRAGMA trusted_schema = OFF")
    for kind, name, written in database.execute("SELECT type, name, sql FROM sqlite_master"):
        if kind not in ("table", "index"):
            return f"a {kind}, {name!r:.60}"
        if str(written or "").upper().startswith("CREATE VIRTUAL") and name not in virtual:
            return f"a virtual table, {name!r:.60}"
    computed = (
        "SELECT parts.name, columns.name FROM sqlite_master AS parts, pragma_table_xinfo(parts.name) AS columns "
        "WHERE parts.type = 'table' AND columns.hidden IN (2, 3)"
    )
    for table, column in database.execute(computed):
        return f"a computed column, {f'{table}.{column}'!r:.60}"
    return ""
