"""A table that is on the screen, as CSV for spreadsheets; texts that they might run get an apostrophe."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ..reports.export.as_csv import no_formula

Cell = str | int | float | None


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A header and one line a row, with a byte order mark as ``adaem export`` writes it. Missing cells are empty."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(map(no_formula, columns))
    for row in rows:
        writer.writerow([_cell(each) for each in row])
    return "\ufeff" + written.getvalue()


def _cell(cell: Cell) -> str:
    return "" if cell is None else no_formula(cell) if isinstance(cell, str) else repr(cell)
