"""The trace: one typed event a step, as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from pydantic import Field, ValidationError

from ..domain.errors import FileError
from ..domain.reading.files import read_bytes
from ..domain.record import Record
from ..domain.texts.hiding import hide, known_keys
from .whole_file import naming, write_whole

TRACE_VERSION = 2

_END = 1_000_000
"""Bytes of a trace in which its last events are looked for; one event has some thousand."""

LARGEST_TRACE = 512 * 1024**2
"""Bytes; a run of a million calls has half of it."""


class TraceEvent(Record):
    """One finished step.

    ``id`` is ``round.node`` for a step of the whole round and ``round.dispatch.node`` for a step of one move, with
    ``.2`` appended where a move visits a node again. ``position`` sorts the events: (round, stage, dispatch, step).
    ``data`` holds what was decided and on what, ``update`` what that changed in the graph's state (since version 2);
    ``call_ids`` point to the recorded calls. docs/TRACES.md describes every field.
    """

    version: int = Field(default=TRACE_VERSION, le=TRACE_VERSION)
    id: str
    position: tuple[int, int, int, int]
    node: str
    agent: str = ""
    topic_id: str = ""
    question_id: str = ""
    summary: str = ""
    data: dict[str, Any] = Field(default_factory=dict)
    update: dict[str, Any] = Field(default_factory=dict)
    call_ids: tuple[str, ...] = ()
    started_at: str = ""
    seconds: float = 0.0


class Trace:
    """Writes events as they come, in finishing order; ``close`` sorts the file. Listeners hear of each event."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys = known_keys()
        cut_off = path.exists() and path.read_bytes()[-1:] not in (b"", b"\n")
        self._file: TextIO = path.open("a", encoding="utf-8")
        if cut_off:  # by a crash: the next event gets a line of its own
            self._file.write("\n")
        self._listeners: list[Callable[[TraceEvent], None]] = []

    def listen(self, listener: Callable[[TraceEvent], None]) -> None:
        """Calls ``listener`` with every event from now on."""
        self._listeners.append(listener)

    def write(self, event: TraceEvent) -> None:
        """Appends one event without keys; it is in the file when this returns. Raises ``OSError`` with its path."""
        line = event.model_dump_json()
        if (cleaned := hide(line, self._keys)) != line:
            line, event = cleaned, TraceEvent.model_validate_json(cleaned)
        with naming(self._path):
            self._file.write(line + "\n")
            self._file.flush()
        for listener in self._listeners:
            listener(event)

    def close(self) -> None:
        """Closes the file and sorts its events. Safe to call twice."""
        if self._file.closed:
            return
        self._file.close()
        events, _ = read_trace(self._path)
        write_whole(self._path, "".join(event.model_dump_json() + "\n" for event in events))


def read_trace(path: Path) -> tuple[list[TraceEvent], int]:
    """The events in order, and how many lines were cut off or damaged. The last event of an id wins.

    Raises ``FileError`` when the file cannot be read or is of a newer version.
    """
    events: dict[str, TraceEvent] = {}
    damaged = 0
    for line in read_bytes(path, LARGEST_TRACE).decode("utf-8", "replace").split("\n"):
        # Split so, and not by splitlines: JSON leaves some of its separators, such as U+2028, as they are.
        if not line:
            continue
        try:
            event = TraceEvent.model_validate_json(line)
        except ValidationError:
            if newer_than(line, TRACE_VERSION):
                raise FileError(path, "was written by a newer version of adaem", remedy="update adaem") from None
            damaged += 1
            continue
        events[event.id] = event
    return sorted(events.values(), key=lambda event: event.position), damaged


def last_moment(path: Path) -> str:
    """When the step ended that was written last, in UTC to the second; empty where the end of the file tells none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _END))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    for line in reversed(lines):
        try:
            event = TraceEvent.model_validate_json(line)
            ended = datetime.fromisoformat(event.started_at).astimezone(UTC) + timedelta(seconds=event.seconds)
        except (ValidationError, ValueError, OverflowError):
            continue
        return ended.isoformat(timespec="seconds")
    return ""


def newer_than(line: str, version: int) -> bool:
    """Whether a line that is no event of ours says that a later version wrote it."""
    try:
        written_by = json.loads(line).get("version", 0)
    except (ValueError, AttributeError, RecursionError):
        return False
    return isinstance(written_by, int) and written_by > version
