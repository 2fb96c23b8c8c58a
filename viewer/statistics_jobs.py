"""What is computed beside the server (``background``): functions of paths.

The statistics are imported where they are computed: the server starts without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..domain.errors import InputError
from ..records import open_run
from ..records.damage import as_read

if TYPE_CHECKING:
    from ..results.comparison.comparison_types import FolderComparison
    from ..results.comparison.diff_types import FolderDiff
    from ..results.grown_and_seeds import Estimate


@dataclass(frozen=True)
class Headline:
    """What the list of folders says of one: its mean divergence in bits, and of how many questions it has some."""

    mean: Estimate | None
    questions: int
    models: int
    cost: float | None
    currency: str


def headline(path: Path) -> Headline:
    """The figures of one folder in the list."""
    from ..results.folder_report import folder_report

    with as_read(path):
        report = folder_report(open_run(path))
        calls = report.calls
        asked = report.results.asked
        return Headline(report.results.divergences.mean, asked.questions, len(asked.models), calls.cost, calls.currency)


def findings_parts(path: Path) -> dict[str, Any]:
    """What the sections of the findings show: figures, tables and drawings."""
    from ..reports.page.build_page import page_parts
    from ..results.folder_report import folder_report

    with as_read(path):
        return page_parts(folder_report(open_run(path)))


def differences(first: Path, second: Path) -> tuple[FolderDiff, FolderComparison | None]:
    """The two folders beside each other; the second part is None where they share no question or no values."""
    from ..results.comparison.compare_folders import compare
    from ..results.comparison.diff_folders import diff

    with as_read(first, second):
        whole = diff(first, second)
        try:
            return whole, compare((first, second))
        except InputError:
            return whole, None
