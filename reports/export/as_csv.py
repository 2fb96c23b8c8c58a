"""A table as CSV for spreadsheets, which run a text cell that looks like a formula: such texts get an apostrophe."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...domain.texts.safe_text import harmless
from .columns import Column, Kind
from .export_rows import Row

STARTS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
"""OWASP, "CSV Injection"; the wide forms count in East Asian locales."""


def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Row]) -> int:
    """Writes a header and one line a row, and returns how many rows there were. Missing cells are empty.

    UTF-8 with a byte order mark, without which spreadsheets take it for something else. Control characters become "�".
    """
    cells = [(column.name, _IN_WORDS[column.kind]) for column in columns]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column.name for column in columns)
        count = 0
        for row in rows:
            writer.writerow("" if row[name] is None else in_words(row[name]) for name, in_words in cells)
            count += 1
    return count


def write_rows(path: Path, names: Sequence[str], rows: Iterable[Row]) -> None:
    """Plain rows in the same form; each cell is a text, a number, a truth or None."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows:
            writer.writerow(map(_plain_cell, (row[name] for name in names)))


def _plain_cell(cell: Any) -> str:
    if cell is None:
        return ""
    return no_formula(cell) if isinstance(cell, str) else _as_json(cell) if isinstance(cell, bool) else repr(cell)


def _as_json(cell: Any) -> str:
    return harmless(json.dumps(cell, ensure_ascii=False, allow_nan=False))


@lru_cache(maxsize=4096)  # ids and names stand in every row
def no_formula(text: str) -> str:
    """``text`` behind an apostrophe where a spreadsheet might run it; some skip spaces before they look."""
    clean = harmless(text)
    dangerous = STARTS_FORMULA.intersection((text[:1], clean[:1], clean.lstrip()[:1]))
    return f"'{clean}" if dangerous else clean


_IN_WORDS: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: no_formula,
    Kind.INTEGER: repr,
    Kind.NUMBER: repr,
    Kind.TRUTH: _as_json,
    Kind.JSON: _as_json,
}
