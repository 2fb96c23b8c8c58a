"""One sheet (``result_sheets``) in the terminal."""

from __future__ import annotations

from rich.box import SIMPLE
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table

from ..plain_text import plain
from ..sheets.sheet import Sheet


def sheet_table(sheet: Sheet, width: int) -> RenderableType:
    """One table, or several below each other where its columns do not fit side by side."""
    parts: list[RenderableType] = [plain(sheet.title, style="italic")]
    for columns in _fitting(sheet, width):
        table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
        for column in columns:
            word = column < sheet.words
            table.add_column(plain(sheet.columns[column]), justify="left" if word else "right", no_wrap=not word)
        for row in sheet.rows:
            table.add_row(*(plain(row[column]) for column in columns))
        parts.append(table)
    return Group(*parts, *([plain(f"{sheet.foot}.")] if sheet.foot else []))


def _fitting(sheet: Sheet, width: int) -> list[list[int]]:
    """Which columns stand side by side: the words first each time, which may wrap where they take half the screen."""
    needed = [max(cell_len(row[column]) for row in (sheet.columns, *sheet.rows)) + 2 for column in range(sheet.size)]
    words = list(range(sheet.words))
    room = width - 2 - min(sum(needed[: sheet.words]), width // 2)
    tables: list[list[int]] = [[*words]]
    taken = 0
    for column in range(sheet.words, sheet.size):
        if taken and taken + needed[column] > room:
            tables.append([*words])
            taken = 0
        tables[-1].append(column)
        taken += needed[column]
    return tables
