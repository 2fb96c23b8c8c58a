"""``adaem report``: the result again, from the run's folder."""

from __future__ import annotations

from pathlib import Path


def report_verb(path: Path, as_json: bool) -> None:
    """Prints a run's result as tables, or as one JSON object."""
    from rich.console import Console

    from ..records import open_run
    from ..reports.summary import summarise

    summary = summarise(open_run(path))
    if as_json:
        print(summary.model_dump_json(indent=2))  # noqa: T201
        return
    from ..reports.terminal import result

    console = Console()
    console.print(result(summary, console.width))
