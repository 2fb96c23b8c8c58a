"""A comparison in the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding

from ...results.comparison.comparison_types import Compared
from ..plain_text import plain
from ..sheets.comparison_sheets import compare_sheets
from ..simulated_banner import SIMULATED_RESPONDENTS
from .sheet_table import sheet_table


def compared_tables(compared: Compared, width: int) -> RenderableType:
    """The answer, what was compared, what survives, every drift, and what else may be behind it."""
    parts: list[RenderableType] = []
    if any(folder.simulated for folder in compared.folders):
        parts.append(plain(SIMULATED_RESPONDENTS, style="bold"))
    parts.append(plain("\n".join(compared.sentences), style="bold"))
    parts += [sheet_table(sheet, width) for sheet in compare_sheets(compared)]
    if compared.notes:
        parts.append(plain("\n".join(f"Note: {note}." for note in compared.notes)))
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in parts))
