"""``adaem trace``: the steps of a run as a tree, one step in full, or the calls with one outcome."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path


def trace_verb(path: Path, step: str | None, outcome: str | None) -> None:
    """Prints the tree, the step ``step``, or the calls that ended with ``outcome``.

    Raises ``InputError`` with the nearest ids for an unknown step.
    """
    from rich.console import Console

    from ..domain.errors import InputError
    from ..records import RunRecords, open_run, read_trace
    from ..reports.trace_view import outcome_view, step_view, trace_tree

    folder = open_run(path)
    manifest = folder.read_manifest()
    events, damaged = read_trace(folder.trace_path)
    console = Console()
    if outcome is not None:
        with RunRecords(folder.records_path, read_only=True) as records:
            console.print(outcome_view(records.calls_with_outcome(outcome), outcome, manifest))
        return
    if step is None:
        console.print(trace_tree(events, manifest, damaged), soft_wrap=not console.is_terminal)
        return
    found = next((event for event in events if event.id == step), None)
    if found is None:
        close = get_close_matches(step, [event.id for event in events], n=4, cutoff=0.3)
        hint = f"did you mean {', '.join(close)}?" if close else f"see 'adaem trace {path}' for the ids"
        raise InputError(f"{path}: no step is called {step!r} — {hint}")
    with RunRecords(folder.records_path, read_only=True) as records:
        console.print(step_view(found, records, manifest))
