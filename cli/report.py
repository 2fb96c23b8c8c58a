"""``adaem report``: the result again, from the run's folder."""

from __future__ import annotations

from pathlib import Path


def report_verb(path: Path, as_json: bool) -> None:
    """Prints a run's result as tables, or as one JSON object."""
    from rich.console import Console

    from ..records import open_run
    from ..reports.imported import summarise_imported
    from ..reports.imported_terminal import imported_result
    from ..reports.summary import summarise
    from ..reports.terminal import result

    folder, console = open_run(path), Console()
    if folder.read_manifest().recorded is not None:
        imported = summarise_imported(folder)
        text, shown = imported.model_dump_json(indent=2), imported_result(imported, console.width)
    else:
        summary = summarise(folder)
        text, shown = summary.model_dump_json(indent=2), result(summary, console.width)
    if as_json:
        print(text)  # noqa: T201
    else:
        console.print(shown)
