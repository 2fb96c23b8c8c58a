"""``adaem trace``: the steps of a run as a tree, one step whole, one question's life, or the calls with one outcome."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from ...domain.record import Record
    from ...records import RunFolder, TraceEvent
    from ...reports.trace.trace_lines import Chosen

LOOKS = 0.5
"""Seconds between two looks at a run that is followed."""


def trace_verb(
    path: Path,
    *,
    step: str | None,
    question: str | None,
    outcome: str | None,
    topic: str,
    agent: str,
    slowest: int | None,
    onwards: bool,
    back: bool,
    follow: bool,
    html: Path | None,
    inspect: Path | None,
    as_json: bool,
) -> None:
    """Prints the tree, one step, a question's life or an outcome's calls; or writes a file of the whole.

    Raises ``InputError`` for options that do not go together, and with the nearest names for one that is unknown.
    """
    from ...domain.errors import InputError
    from ...reports.trace.trace_lines import Chosen
    from ..output_paths import HTML_PAGE, INSPECT_LOG, check_output

    views = {
        "STEP": step,
        "--question": question,
        "--outcome": outcome,
        "--follow": follow or None,
        "--html": html,
        "--inspect": inspect,
    }
    named = [name for name, value in views.items() if value is not None]
    if len(named) > 1:
        raise InputError(f"{' and '.join(named)} show different things — give one of them")
    if (topic or agent or slowest) and named not in ([], ["--follow"]):
        raise InputError(f"--topic, --agent and --slowest choose among all steps — leave {named[0]} out")
    if follow and slowest:
        raise InputError("--slowest: which steps are slowest is known when the run has ended — leave --follow out")
    if (onwards or back) and (step is None or onwards == back):
        raise InputError("--next and --prev: give one of them, with a STEP to go from")
    if as_json and named and named[0] in ("--outcome", "--follow", "--html", "--inspect"):
        raise InputError(f"--json: {named[0]} prints no object — leave one of them out")
    check_output(html, HTML_PAGE)
    check_output(inspect, INSPECT_LOG)
    chosen = Chosen(topic=topic, agent=agent, slowest=slowest)
    if follow:
        _follow(path, chosen)
    elif html is not None:
        _write_page(path, html)
    elif inspect is not None:
        _write_log(path, inspect)
    else:
        _print(path, step, question, outcome, onwards - back, chosen, as_json)


def _print(
    path: Path, step: str | None, question: str | None, outcome: str | None, beside: int, chosen: Chosen, as_json: bool
) -> None:
    from ...records import RunRecords, open_run, read_trace
    from ...records.status import current_manifest
    from ...reports.trace.question_history import life_of
    from ...reports.trace.step_details import place_of, step_at
    from ...reports.trace.trace_tables import life_view, outcome_view, step_view
    from ..process.console import output

    folder = open_run(path)
    manifest = current_manifest(folder)
    events, damaged = read_trace(folder.trace_path)
    console = output()
    with RunRecords(folder.records_path, read_only=True) as records:
        if outcome is not None:
            console.print(outcome_view(records.calls_with_outcome(outcome), outcome, manifest))
        elif question is not None:
            life = life_of(question, records, events, manifest, str(path))
            _show(console, life, life_view(life, manifest), as_json)
        elif step is not None:
            details = step_at(events, place_of(events, step, str(path), beside), records, manifest)
            _show(console, details, step_view(details, manifest), as_json)
        else:
            _tree(console, folder, events, damaged, chosen, as_json)


def _show(console: Console, data: Record, view: RenderableType, as_json: bool) -> None:
    if as_json:
        print(data.model_dump_json(indent=2))  # noqa: T201
    else:
        console.print(view)


def _tree(
    console: Console, folder: RunFolder, events: Sequence[TraceEvent], damaged: int, chosen: Chosen, as_json: bool
) -> None:
    from ...records import RunRecords
    from ...records.status import current_manifest
    from ...reports.trace.trace_lines import choose, costs_of, trace_lines
    from ...reports.trace.trace_tables import tree
    from ..process.console import print_line
    from .report import print_way_on

    manifest = current_manifest(folder)
    with RunRecords(folder.records_path, read_only=True) as records:
        lines = choose(trace_lines(events, costs_of(records, manifest)), chosen, str(folder.path))
    if as_json:
        rows = [line.model_dump(mode="json") for line in lines]
        listing = {"run_id": manifest.run_id, "simulated": manifest.simulated, "damaged_lines": damaged, "steps": rows}
        print(json.dumps(listing, ensure_ascii=False, indent=2))  # noqa: T201
        return
    for line in tree(lines, manifest, damaged):
        print_line(console, line)
    print_way_on(folder, console)


def _follow(path: Path, chosen: Chosen) -> None:
    """Prints each step of a run as it ends, until the run has ended too."""
    from ...records import RunRecords, open_run, read_trace
    from ...records.status import current_manifest
    from ...reports.trace.trace_lines import costs_of, fits, trace_lines
    from ...reports.trace.trace_tables import branch
    from ..process.console import output, print_line
    from .report import print_way_on

    folder = open_run(path)
    console = output()
    printed = set[str]()
    while True:
        # Read first: steps that end after this look are shown by the next one.
        manifest = current_manifest(folder)
        events = read_trace(folder.trace_path)[0] if folder.trace_path.exists() else []
        with RunRecords(folder.records_path, read_only=True) as records:
            lines = trace_lines(events, costs_of(records, manifest))
        for line in lines:
            if line.id not in printed and fits(line, chosen):
                print_line(console, branch(line))
        printed.update(line.id for line in lines)
        if manifest.status != "running":
            console.print(f"The run is {manifest.status}.")
            if manifest.status == "cut off":
                print_way_on(folder, console)
            return
        time.sleep(LOOKS)


def _write_page(path: Path, html: Path) -> None:
    from ...records import open_run
    from ...reports.trace.trace_page import write_trace_page

    size = write_trace_page(open_run(path), html)
    print(f"{html}: {size / 1e6:.1f} MB")  # noqa: T201


def _write_log(path: Path, log: Path) -> None:
    from ...domain.texts.counting import count
    from ...records import open_run
    from ...reports.trace.inspect_log import write_inspect_log

    samples = write_inspect_log(open_run(path), log)
    print(f"{log}: {count(samples, 'sample')}; open it with 'inspect view start --log-dir {log.parent}'")  # noqa: T201
