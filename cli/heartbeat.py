"""Lines at intervals while long work says nothing, so that nobody takes it for a program that hangs."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

SILENCE = 30.0
"""Seconds without a line after which one is due."""


class Heartbeat:
    """Calls ``beat`` in a thread of its own after every ``silence`` seconds in which nothing was said."""

    def __init__(self, beat: Callable[[], None], silence: float = SILENCE) -> None:
        self._beat = beat
        self._silence = silence
        self._ended = Event()
        self._last_line = 0.0
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begins to count the seconds."""
        self._ended.clear()
        self.defer()
        # A daemon: an interpreter that ends does not wait for it.
        self._thread = Thread(target=self._run, name="heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it; no line comes afterwards."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def defer(self) -> None:
        """Something was said: the next line is due ``silence`` seconds from now."""
        self._last_line = monotonic()

    def _run(self) -> None:
        while not self._ended.wait(max(self._last_line + self._silence - monotonic(), 0.0)):
            if monotonic() >= self._last_line + self._silence:
                self.defer()
                self._beat()
