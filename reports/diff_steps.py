"""The traces of two runs beside each other, step by step."""

from __future__ import annotations

from collections.abc import Mapping

from ..records import RunFolder, TraceEvent, read_trace
from .diff_records import Steps

OF_THE_MOMENT = {"started_at", "seconds"}


def steps_that_differ(first: RunFolder, second: RunFolder) -> Steps:
    """Which steps are the same in both: agent, decision, data and the calls that it made; times and run ids aside."""
    (ours, our_order), (theirs, their_order) = _contents(first), _contents(second)
    changed = tuple(step for step in our_order if step in theirs and ours[step] != theirs[step])
    # In the order of a trace, what is new in the second lies between the first's own steps.
    order = sorted({**our_order, **their_order}.items(), key=lambda each: each[1])
    differing = [step for step, _ in order if ours.get(step) != theirs.get(step)]
    alike = [step for step, _ in order].index(differing[0]) if differing else len(order)
    return Steps(
        first=len(ours),
        second=len(theirs),
        alike=alike,
        first_change=differing[0] if differing else "",
        changed=changed,
        only_first=tuple(step for step in our_order if step not in theirs),
        only_second=tuple(step for step in their_order if step not in ours),
    )


def _contents(folder: RunFolder) -> tuple[Mapping[str, str], dict[str, tuple[int, int, int, int]]]:
    run_id = folder.read_manifest().run_id
    events, _ = read_trace(folder.trace_path)
    return (
        {event.id: _content(event, run_id) for event in events},
        {event.id: event.position for event in events},
    )


def _content(event: TraceEvent, run_id: str) -> str:
    return event.model_dump_json(exclude=OF_THE_MOMENT).replace(run_id, "")
