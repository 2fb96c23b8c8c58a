"""A table as plain cells: the terminal and Markdown show the same one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sheet:
    """A table: the first column names the rows, ``note`` stands below it, the first ``words`` columns hold text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    words: int = 1

    @property
    def size(self) -> int:
        """How many columns it has."""
        return len(self.columns)
