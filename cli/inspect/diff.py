"""``adaem diff``: what is not the same in two runs, and what is."""

from __future__ import annotations

from pathlib import Path


def diff_verb(first: Path, second: Path, as_json: bool) -> None:
    """Prints what differs in the second folder as tables, or as one JSON object."""
    from ...reports.terminal.diff_report import diff_tables
    from ...results.diff.diff_runs import diff
    from ..process.console import output

    found = diff(first, second)
    if as_json:
        print(found.model_dump_json(indent=2))  # noqa: T201
        return
    console = output()
    console.print(diff_tables(found, console.width))
