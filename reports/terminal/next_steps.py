"""Where a result lies, and what its reader may do next, as commands that can be pasted."""

from __future__ import annotations

import shlex

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from ...results.folder_report import FolderReport
from ..plain_text import plain

MORE_ROUNDS = 10


def next_steps(report: FolderReport) -> RenderableType:
    """The folder, and a line for each command that this kind of folder takes."""
    path = str(report.folder.path)
    steps: list[tuple[tuple[str, ...], str]] = [
        (("report", path, "--html", "report.html"), "the same as a page, with pictures")
    ]
    if questions := report.results.divergences.questions:
        steps.append((("show", path, questions[0].id), "a question, and what each model answered"))
    if report.run is not None and report.manifest.status == "finished" and not report.manifest.replay_of:
        purpose = f"search {MORE_ROUNDS} rounds more (raises the cap on calls)"
        steps.append((("resume", path, "--rounds", str(MORE_ROUNDS)), purpose))
    if report.run is not None and report.run.questions_published:
        steps.append((("evaluate", path, "--pool", "my-pool.yaml"), "ask other models these questions"))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for words, purpose in steps:
        table.add_row(plain(shlex.join(("adaem", *words))), plain(purpose))
    return Group(plain(f"The result lies in {path}. Next:"), Padding(table, (0, 0, 0, 2)))
