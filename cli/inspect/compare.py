"""``adaem compare``: evaluations at different times or of different models, on the questions that they share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...results.comparison.comparison_types import FolderComparison
    from ...results.comparison.diff_types import FolderDiff


def compare_verb(folders: Sequence[Path], as_json: bool) -> None:
    """Prints the comparison of the later folders with the first as tables, or as one JSON object."""
    from ...results.comparison.compare_folders import compare

    print_comparison(compare(folders), as_json)


def print_comparison(comparison: FolderComparison | FolderDiff, as_json: bool) -> None:
    """As tables, or as one JSON object."""
    from ...reports.terminal.comparison_report import comparison_report
    from ..process.console import output

    if as_json:
        print(comparison.model_dump_json(indent=2))  # noqa: T201
        return
    console = output()
    console.print(comparison_report(comparison, console.width))
