"""A table as plain cells: the terminal and Markdown show the same one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sheet:
    """A table: the first column names the rows, ``note`` stands below it, the first ``words`` columns hold text.

    ``intervals`` says over what its intervals generalise (``figure_text.generalise``); empty where it has none.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    words: int = 1
    intervals: str = ""

    @property
    def foot(self) -> str:
        """What stands below the table: the note and what its intervals generalise over; no stop at the end."""
        return ". ".join(each.rstrip(".") for each in (self.note, self.intervals) if each)

    @property
    def size(self) -> int:
        """How many columns it has."""
        return len(self.columns)
