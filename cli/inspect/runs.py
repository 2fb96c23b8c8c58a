"""``adaem runs``: the runs that lie in folders, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

NOTHING_HERE = "No run is here yet: 'adaem run' makes one; 'adaem runs DIR' looks elsewhere."


def runs_verb(roots: Sequence[Path], as_json: bool) -> None:
    """Prints a table, or one JSON object. Without ``roots`` it is ``runs/``, which need not be there."""
    import json
    from dataclasses import asdict

    from ...records.folder import RUNS
    from ...results.browsing.run_rows import run_rows

    # Nobody named it, so that a folder without it has no runs rather than a mistake.
    rows = run_rows(roots or ([RUNS] if RUNS.exists() else []))
    if as_json:
        print(json.dumps({"runs": [asdict(row) for row in rows]}, indent=2))  # noqa: T201
        return
    from ...reports.plain_text import plain
    from ...reports.terminal.run_table import run_table
    from ..process.console import output

    console = output()
    console.print(run_table(rows, console.width) if rows else plain(NOTHING_HERE), crop=False)
