"""A comparison, a diff or a retest of folders in the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType

from ...results.comparison.comparison_types import FolderComparison
from ...results.comparison.diff_types import FolderDiff
from ...results.comparison.retest_types import Retest
from ..plain_text import plain
from ..sheets.comparison_sheets import compare_sheets
from ..sheets.diff_sheets import diff_sheets
from ..sheets.retest_sheets import retest_sheets
from ..sheets.sheet import Sheet
from ..simulated_banner import SIMULATED_RESPONDENTS
from .sheet_table import sheet_table
from .status_lines import spaced


def comparison_report(comparison: FolderComparison | FolderDiff | Retest, width: int) -> RenderableType:
    """The answer, what differs in the making, what differs in the outcome, and what else may be behind it."""
    parts: list[RenderableType] = []
    if any(folder.simulated for folder in comparison.folders):
        parts.append(plain(SIMULATED_RESPONDENTS, style="bold"))
    parts.append(plain("\n".join(comparison.sentences), style="bold"))
    parts += [sheet_table(sheet, width) for sheet in _sheets(comparison)]
    if comparison.notes:
        parts.append(plain("\n".join(f"Note: {note}." for note in comparison.notes)))
    return Group(*spaced(parts))


def _sheets(comparison: FolderComparison | FolderDiff | Retest) -> list[Sheet]:
    if isinstance(comparison, Retest):
        return retest_sheets(comparison)
    return diff_sheets(comparison) if isinstance(comparison, FolderDiff) else compare_sheets(comparison)
