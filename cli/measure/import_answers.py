"""``adaem import``: recorded answers become a run."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from ...records.formats.source_rows import SourceFormat
    from ...records.recorded_answers import Repeats


def import_verb(
    answers: Path,
    *,
    judge: str | None,
    pool: str | None,
    columns: Sequence[str],
    settings: Mapping[str, Any],
    kind: SourceFormat | None,
    repeats: Repeats | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Reads, judges and keeps the answers, shows on standard error how far it is, and prints the result."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    from ...domain.texts.counting import count
    from ...jobs.imports.import_inputs import check_import, judge_settings
    from ...jobs.imports.recorded_import import import_answers
    from ...pool.no_tracing import disable_tracing
    from ...records.folder import check_free
    from ...records.recorded_answers import parse_columns
    from ...reports.plain_text import plain
    from ..inspect.report import report_verb
    from ..process.cancellable import run_cancellable
    from ..progress_bar import Bar

    disable_tracing()
    if out is not None:
        check_free(out)
    overrides = {**settings, **judge_settings(judge, pool)}
    inputs = check_import(answers, parse_columns(columns), overrides, kind=kind, repeats=repeats)
    source = inputs.recorded.source
    console = Console(stderr=True)
    what = "questions judged"
    bar = Bar(
        TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True
    )
    task = bar.add_task(what, total=source.questions)
    judge_name = f"{inputs.judge_name}{', a simulated judge' if inputs.pool.simulated else ''}"
    console.print(
        f"{count(source.rows, 'answer')} to {count(source.questions, 'question')}; judge: {judge_name}", markup=False
    )
    work = import_answers(
        inputs,
        out,
        lambda done, total: bar.update(task, completed=done, total=total),
        lambda line: console.print(plain(line), soft_wrap=True),
    )
    (folder, manifest), stopped = run_cancellable(work, bar)
    report_verb(folder.path, as_json)
    if manifest.status == "interrupted":
        print("adaem: stopped; everything so far is in the folder above", file=sys.stderr)  # noqa: T201
        raise typer.Exit(stopped)
