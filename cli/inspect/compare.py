"""``adaem compare``: evaluations at different times or of different models, on the questions that they share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def compare_verb(folders: Sequence[Path], as_json: bool) -> None:
    """Prints the comparison of the later folders with the first as tables, or as one JSON object."""
    from ...reports.terminal.comparison_report import compared_tables
    from ...results.comparison.compare_evaluations import compare
    from ..process.console import output

    compared = compare(folders)
    if as_json:
        print(compared.model_dump_json(indent=2))  # noqa: T201
        return
    console = output()
    console.print(compared_tables(compared, console.width))
