"""``adaem diff``: what is not the same in two runs, and what is."""

from __future__ import annotations

from pathlib import Path


def diff_verb(first: Path, second: Path, as_json: bool) -> None:
    """Prints what differs in the second folder as tables, or as one JSON object."""
    from ..reports.diff_terminal import diff_tables
    from ..reports.diffing import diff
    from .console import output

    found = diff(first, second)
    if as_json:
        print(found.model_dump_json(indent=2))  # noqa: T201
        return
    console = output()
    console.print(diff_tables(found, console.width))
