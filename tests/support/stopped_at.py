"""Runs the command line in this process, which sends itself a signal at a chosen instant: no clock decides when.

An instant is the number of audit events of Python (imports, opened files, databases, threads) since the command has
taken over the signals. ``python stopped_at.py INSTANTS ARGUMENT…`` takes ``INSTANTS`` as ``12:SIGINT,30:SIGTERM``; the
last line on standard error is the number of all instants where the command succeeds.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any


def watch(instants: dict[int, int]) -> list[int]:
    """Installs the hook; the number of instants so far is in the list that is returned."""
    count = [0]

    def heard(event: str, _: Any) -> None:
        if event == "os.kill" or threading.current_thread() is not threading.main_thread():
            return  # our own doing, or a thread's, which comes and goes by the clock
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            return  # Python itself is starting
        count[0] += 1
        if count[0] in instants:
            os.kill(os.getpid(), instants[count[0]])

    sys.addaudithook(heard)
    return count


if __name__ == "__main__":
    given = sys.argv[1]
    pairs = [part.split(":") for part in given.split(",") if part]
    sys.argv[1:2] = []
    from adaem.cli import main

    count = watch({int(number): signal.Signals[name] for number, name in pairs})
    try:
        main()
    except SystemExit as end:
        if not end.code:
            sys.stderr.write(f"{count[0]}\n")
        raise
