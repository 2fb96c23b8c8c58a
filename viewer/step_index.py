"""A trace as lines that can be filtered and paged, each with its place in the file; a step is read when it is shown."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from ..domain.errors import InputError
from ..records import RunFolder, RunRecords, TraceEvent
from ..records.trace_follower import EventPlace, TraceFollower
from ..reports.trace.step_details import StepDetails, step_at
from ..reports.trace.trace_lines import StepLine, costs_of, nearest_names, trace_lines

StateKey = tuple[tuple[int, ...], str] | None


@dataclass(frozen=True, slots=True)
class IndexedStep:
    """One step's line, its place in the order of the run, where its event stands, and whose state it changes."""

    line: StepLine
    position: tuple[int, int, int, int]
    place: EventPlace
    state: StateKey
    words: str


class StepIndex:
    """The steps of one folder's trace, read on when it has grown. May be used by several threads."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._follower = TraceFollower(folder.trace_path)
        self._lock = threading.Lock()
        self._steps: dict[str, IndexedStep] = {}
        self._ordered: tuple[IndexedStep, ...] = ()

    @property
    def damaged(self) -> int:
        """How many lines were cut off or damaged."""
        return self._follower.damaged

    def steps(self) -> tuple[IndexedStep, ...]:
        """All steps so far, in order. Raises ``FileError`` where the trace cannot be read."""
        with self._lock:
            if self._follower.is_new_file():
                self._steps = {}
            places: list[tuple[EventPlace, tuple[int, int, int, int], StateKey]] = []

            def events() -> Iterator[TraceEvent]:
                for event, place in self._follower.read():
                    key = (event.position[:3], event.question_id) if event.question_id else None
                    places.append((place, event.position, key))
                    yield event

            lines = trace_lines(events(), self._costs())
            for line, (place, position, key) in zip(lines, places, strict=True):
                words = f"{line.id} {line.agent} {line.node} {line.topic_id} {line.question_id} {line.decided}"
                self._steps[line.id] = IndexedStep(line, position, place, key, words.casefold())
            if lines or len(self._ordered) != len(self._steps):
                self._ordered = tuple(sorted(self._steps.values(), key=lambda step: step.position))
            return self._ordered

    def about(self, question_id: str) -> list[TraceEvent]:
        """The events of one question, in order."""
        return [self._event(step) for step in self.steps() if step.line.question_id == question_id]

    def details(self, step_id: str) -> StepDetails:
        """One step whole. Raises ``InputError``, with the nearest ids, for one that is not there."""
        steps = self.steps()
        at = next((place for place, step in enumerate(steps) if step.line.id == step_id), None)
        if at is None:
            raise InputError(f"no step is called {step_id!r} — {nearest_names(step_id, (s.line.id for s in steps))}")
        # What it changed shows beside the steps before it that changed the same state.
        same = [self._event(step) for step in steps[: at + 1] if step.state == steps[at].state]
        manifest = self._folder.read_manifest()
        with RunRecords(self._folder.records_path, read_only=True) as records:
            details = step_at(same, len(same) - 1, records, manifest)
        previous = steps[at - 1].line.id if at else ""
        following = steps[at + 1].line.id if at + 1 < len(steps) else ""
        return details.model_copy(update={"previous": previous, "following": following})

    def _event(self, step: IndexedStep) -> TraceEvent:
        return self._follower.event_at(step.place)

    def _costs(self) -> dict[str, float]:
        if not self._follower.has_more() or not self._folder.records_path.exists():
            return {}
        with RunRecords(self._folder.records_path, read_only=True) as records:
            return costs_of(records, self._folder.read_manifest())
