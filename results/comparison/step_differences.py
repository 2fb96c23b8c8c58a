"""The traces of two runs beside each other, step by step."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from ...records import RunFolder, read_trace
from .diff_types import StepDifferences

OF_THE_MOMENT = {"started_at", "seconds"}
FOLLOWING = {"version", "update"}
"""What an event's data decides as well; a run of an earlier version may lack it."""

HAIR = 1e-6
"""Similarities are float32 in the memory's index: they come out a hair otherwise when it has been opened again."""

Content = Mapping[str, Any]


def steps_that_differ(first: RunFolder, second: RunFolder) -> StepDifferences:
    """Which steps are the same in both: agent, decision, data and the calls that it made; times and run ids aside."""
    ours, our_order = _contents(first)
    theirs, their_order = _contents(second)
    changed = tuple(step for step in our_order if step in theirs and not _alike(ours[step], theirs[step]))
    only = {*our_order} ^ {*their_order}
    # In the order of a trace, what is new in the second lies between the first's own steps.
    order = [step for step, _ in sorted({**our_order, **their_order}.items(), key=lambda each: each[1])]
    first_change = next((step for step in order if step in only or step in changed), "")
    return StepDifferences(
        first=len(ours),
        second=len(theirs),
        alike=order.index(first_change) if first_change else len(order),
        first_change=first_change,
        changed=changed,
        only_first=tuple(step for step in our_order if step not in theirs),
        only_second=tuple(step for step in their_order if step not in ours),
    )


def _contents(folder: RunFolder) -> tuple[Mapping[str, Content], dict[str, tuple[int, int, int, int]]]:
    run_id = folder.read_manifest().run_id
    events, _ = read_trace(folder.trace_path)
    return (
        {
            each.id: json.loads(each.model_dump_json(exclude=OF_THE_MOMENT | FOLLOWING).replace(run_id, ""))
            for each in events
        },
        {each.id: each.position for each in events},
    )


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, abs_tol=HAIR)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == other)
