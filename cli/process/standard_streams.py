"""Standard input, output and error as every verb can rely on them: open, and quiet when nobody reads any more."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any, TextIO

_READER_HAS_GONE = (errno.EPIPE, errno.ECONNRESET, errno.ESHUTDOWN)


def prepare_streams() -> None:
    """Makes the process's own streams safe to write to; streams that somebody has put in their place stay.

    A reader that has gone (``| head``) gets nothing more, and the verb goes on to its end: a run is not lost because
    nobody watches it. Standard error is a courtesy, and whatever fails there is dropped. On standard output any other
    failure, such as a full disk, raises an ``OSError`` that names it, once. What an encoding lacks is a question mark.
    """
    _open_closed()
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = _writer(sys.stdout, 1, "standard output", errors="replace", must_arrive=True)
    sys.stderr = _writer(sys.stderr, 2, "standard error", errors="backslashreplace", must_arrive=False)


class _Output(io.FileIO):
    """A file descriptor that takes no more, without a complaint, once it has failed."""

    def __init__(self, descriptor: int, title: str, *, must_arrive: bool) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._title = title
        self._must_arrive = must_arrive
        self._failed = False

    def write(self, data: Any, /) -> int:
        """``data`` is bytes-like. What must arrive and cannot raises ``OSError`` once, named by the stream's title."""
        if not self._failed:
            try:
                return super().write(data)
            except OSError as error:
                self._failed = True
                if self._must_arrive and not self._reader_has_gone(error):
                    raise OSError(error.errno, error.strerror, self._title) from None
        return memoryview(data).nbytes

    def _reader_has_gone(self, error: OSError) -> bool:
        return error.errno in _READER_HAS_GONE or (error.errno == errno.EIO and self.isatty())


def _open_closed() -> None:
    """Opens ``os.devnull`` in place of closed streams: a database would get their numbers, and what is printed."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def _writer(present: TextIO | None, descriptor: int, title: str, *, errors: str, must_arrive: bool) -> TextIO:
    if present is not None and not _is_on(present, descriptor):
        return present
    output = _Output(descriptor, title, must_arrive=must_arrive)
    unbuffered = isinstance(present, io.TextIOWrapper) and present.write_through
    if present is not None:
        present.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(output),
        encoding=None if present is None else present.encoding,
        errors=errors,
        line_buffering=output.isatty() or not must_arrive,
        write_through=unbuffered,
    )


def _is_on(stream: TextIO, descriptor: int) -> bool:
    try:
        return isinstance(stream, io.TextIOWrapper) and stream.fileno() == descriptor
    except (OSError, ValueError):  # a stream in memory, or one that is closed
        return False
