"""What stops the program from outside: Ctrl-C, and the signals of whoever ends processes or closes the terminal."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

from ...domain.stop import StopRequested as StopRequested

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

ONE_STOP = 0.5
"""Seconds in which several signals are one: ``timeout``, ``uv run`` and a terminal pass one on to a process twice."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequest:
    """What a first signal begins and a later one ends: the process, at once and with ``line``.

    ``code`` is the exit code for the first, 0 until it comes.
    """

    def __init__(self, begin: Callable[[int], object], line: str) -> None:
        self.code = 0
        self._begin = begin
        self._line = line
        self._since = 0.0

    def __call__(self, number: int) -> None:
        """A signal has come."""
        if not self.code:
            self.code = exit_code(number)
            self._since = time.monotonic()
            self._begin(self.code)
        elif time.monotonic() - self._since > ONE_STOP:
            leave(StopRequested(self.code, self._line))


def exit_code(number: int) -> int:
    """The exit code that shells have for a program that a signal ended: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + number


def stop_at_once() -> None:
    """From now on a stop signal raises ``StopRequested`` in the main thread, wherever that is.

    A signal that the program's parent has it ignore (``nohup``) stays ignored.
    """
    request = StopRequest(_raise, "stopped at once")
    for number in _heeded():
        signal.signal(number, lambda number, _: request(number))
    earlier = sys.unraisablehook

    def end_where_nothing_can_be_raised(unraisable: UnraisableHookArgs) -> None:
        # In a finaliser or a callback of the garbage collector Python would print it and go on.
        if isinstance(unraisable.exc_value, StopRequested):
            leave(unraisable.exc_value)
        earlier(unraisable)

    sys.unraisablehook = end_where_nothing_can_be_raised


@contextmanager
def on_stop(act: Callable[[int], None]) -> Iterator[None]:
    """While it is open a stop signal calls ``act`` with its number, in the main thread, and nothing else."""
    earlier = {number: signal.getsignal(number) for number in _heeded()}
    for number in earlier:
        signal.signal(number, lambda number, _: act(number))
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def leave(stop: StopRequested) -> NoReturn:
    """Ends the process with one line on standard error and without Python's own shutdown.

    That would wait for threads, and tell of each that a second signal finds at work. Nothing here goes through a
    stream that the signal may have found half-way through a write.
    """
    for number in _heeded():
        signal.signal(number, signal.SIG_IGN)
    show_cursor = "\x1b[?25h" if sys.stderr.isatty() else ""  # a live view may have hidden the cursor
    with suppress(OSError):
        os.write(2, f"{show_cursor}adaem: {stop.line}\n".encode())
    os._exit(stop.exit_code)


def _heeded() -> list[signal.Signals]:
    if threading.current_thread() is not threading.main_thread():
        return []  # only the main thread may say what signals do
    return [each for each in SIGNALS if signal.getsignal(each) not in (signal.SIG_IGN, None)]


def _raise(code: int) -> NoReturn:
    raise StopRequested(code)
