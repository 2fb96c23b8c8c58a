"""The report of any folder in the terminal, each kind with what only it has."""

from __future__ import annotations

from rich.console import Group, RenderableType

from ...results.folder_report import FolderReport
from ..plain_text import plain
from .call_lines import unknown_lines
from .evaluation_report import results_tables
from .import_report import import_report
from .next_steps import next_steps
from .run_report import run_report


def folder_view(report: FolderReport, width: int, *, full: bool = False) -> RenderableType:
    """As one printable of ``width`` columns; ``full`` shows every table."""
    steps = next_steps(report)
    if report.run is not None:
        return run_report(report.run, report.results, width, full=full, steps=steps)
    unknown = [plain(line) for line in unknown_lines(report.calls)]
    if report.imported is not None:
        return Group(import_report(report.imported, report.results, width, full=full, steps=steps), *unknown)
    return Group(results_tables(report.results, width, full=full, steps=steps), *unknown)
