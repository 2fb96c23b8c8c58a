"""A trace read piece by piece while it grows, with the place of each event in the file: none is kept in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from ..domain.errors import FileError
from ..domain.reading.files import opened
from .trace_file import LARGEST_TRACE, TRACE_VERSION, TraceEvent, newer_than

LONGEST_LINE = 64_000_000
"""Bytes of one event; a step over thousands of questions has some hundred thousand."""


class EventPlace(NamedTuple):
    """Where an event stands in the file, in bytes."""

    start: int
    length: int


class TraceFollower:
    """Reads on from where the last look ended. A file in the place of another, or a shorter one, is read from its
    beginning: a run that ends sorts its trace.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: tuple[int, int] | None = None
        self._end = 0
        self.damaged = 0

    def is_new_file(self) -> bool:
        """Whether the next look begins at the beginning: what was read before is then of another file."""
        try:
            status = self._path.stat()
        except OSError:
            return self._file is not None
        return (status.st_dev, status.st_ino) != self._file or status.st_size < self._end

    def has_more(self) -> bool:
        """Whether the file has grown, or is another one, since the last look."""
        try:
            return self.is_new_file() or self._path.stat().st_size > self._end
        except OSError:
            return False

    def read(self) -> Iterator[tuple[TraceEvent, EventPlace]]:
        """Whole events since the last look, in the order of the file; none where there is no file yet.

        A look that is not taken to its end makes the next one begin at the beginning, as with a new file.

        Raises ``FileError`` where it cannot be read, is of a newer version, or has a line above ``LONGEST_LINE``.
        """
        if not self._path.exists():
            return
        if self.is_new_file():
            self._end, self.damaged = 0, 0
        with opened(self._path, LARGEST_TRACE) as file:
            status = os.fstat(file.fileno())
            self._file = None
            file.seek(self._end)
            while (line := file.readline(LONGEST_LINE)).endswith(b"\n"):
                place = EventPlace(self._end, len(line))
                self._end += len(line)
                if line.strip() and (event := self._event(line)) is not None:
                    yield event, place
            if len(line) == LONGEST_LINE:
                raise FileError(self._path, f"has a line of more than {LONGEST_LINE:,} bytes", remedy="copy it again")
            self._file = status.st_dev, status.st_ino

    def event_at(self, place: EventPlace) -> TraceEvent:
        """The event at a place that ``read`` has given. Raises ``FileError`` where the file is not that any more."""
        with opened(self._path, LARGEST_TRACE) as file:
            file.seek(place.start)
            try:
                return TraceEvent.model_validate_json(file.read(place.length))
            except ValidationError:
                raise FileError(self._path, "has changed while it was read", remedy="load the page again") from None

    def _event(self, line: bytes) -> TraceEvent | None:
        text = line.decode("utf-8", "replace")
        try:
            return TraceEvent.model_validate_json(text)
        except ValidationError:
            if newer_than(text, TRACE_VERSION):
                raise FileError(self._path, "was written by a newer version of adaem", remedy="update adaem") from None
            self.damaged += 1
            return None
