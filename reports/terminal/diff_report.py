"""A diff in the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding

from ...results.diff.diff_types import Diffed
from ..plain_text import plain
from ..sheets.diff_sheets import diff_sheets
from ..simulated_banner import SIMULATED_RESPONDENTS
from .sheet_table import sheet_table


def diff_tables(found: Diffed, width: int) -> RenderableType:
    """The answer, what differs in the making, and then what differs in the outcome."""
    parts: list[RenderableType] = []
    if any(folder.simulated for folder in found.folders):
        parts.append(plain(SIMULATED_RESPONDENTS, style="bold"))
    parts.append(plain("\n".join(found.sentences), style="bold"))
    parts += [sheet_table(sheet, width) for sheet in diff_sheets(found)]
    if found.notes:
        parts.append(plain("\n".join(f"Note: {note}." for note in found.notes)))
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in parts))
