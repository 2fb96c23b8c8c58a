"""The report of imported ratings in the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType

from ...results.models.rated_types import RatedResults
from ..plain_text import plain
from ..sheets.rated_sheets import MOST_SCORE_ROWS, rated_closing, rated_lines, rated_sheets
from .sheet_table import sheet_table
from .status_lines import spaced


def rated_report(results: RatedResults, width: int, *, full: bool = False) -> RenderableType:
    """Everything that is said of them at ``width`` columns; ``full`` shows every row."""
    tables = [sheet_table(sheet, width) for sheet in rated_sheets(results, None if full else MOST_SCORE_ROWS)]
    notes = "\n".join(f"Note: {note}." for note in results.notes)
    parts = [plain("\n".join(results.sentences), style="bold"), plain("\n".join(rated_lines(results))), *tables]
    parts += [plain(notes)] if notes else []
    return Group(*spaced(parts), plain(f"{rated_closing(results)}\nFolder: {results.folder}"))
