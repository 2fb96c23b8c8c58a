"""``adaem compare``: evaluations of different times or models on the questions that they share; or a retest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...results.comparison.comparison_types import FolderComparison
    from ...results.comparison.diff_types import FolderDiff
    from ...results.comparison.retest_types import Retest


def compare_verb(folders: Sequence[Path], as_json: bool, *, retest: bool = False) -> None:
    """Prints the comparison of the later folders with the first as tables, or as one JSON object.

    ``retest``: how alike two folders rank the models, each on questions of its own.
    """
    from ...results.comparison.compare_folders import compare
    from ...results.comparison.retest_folders import retest as compare_ranks

    print_comparison(compare_ranks(folders) if retest else compare(folders), as_json)


def print_comparison(comparison: FolderComparison | FolderDiff | Retest, as_json: bool) -> None:
    """As tables, or as one JSON object."""
    from ...reports.terminal.comparison_report import comparison_report
    from ..process.console import output

    if as_json:
        print(comparison.model_dump_json(indent=2))  # noqa: T201
        return
    console = output()
    console.print(comparison_report(comparison, console.width))
