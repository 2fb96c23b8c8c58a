"""A comparison in the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding

from .banners import SIMULATED_RESPONDENTS
from .compare_records import Compared
from .compare_sheets import compare_sheets
from .plain import plain
from .sheet_terminal import sheet_table


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
