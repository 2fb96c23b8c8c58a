"""Statistics of whole folders, in processes of their own: they read every answer, and the server stays small and quick.

What was computed is kept as long as the folder does not change.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

from ..domain.errors import AdaemError, InputError

KEPT = 24
"""Results that are kept, a few megabytes each at most."""

Job = Callable[..., Any]


class Background:
    """Runs jobs one at a time a lane, so that a page that someone waits for is not behind a list's figures."""

    def __init__(self) -> None:
        self._lanes: dict[str, ProcessPoolExecutor] = {}
        self._kept: OrderedDict[tuple[Any, ...], Future[Any]] = OrderedDict()
        self._lock = threading.Lock()

    async def result(self, lane: str, stamp: object, job: Job, *given: Any) -> Any:
        """What ``job`` returns; computed again when ``stamp`` is another. Raises ``InputError`` for what it raised."""
        future = self._future(lane, (job.__name__, *map(str, given), stamp), job, given)
        outcome, content = await asyncio.shield(asyncio.wrap_future(future))
        if outcome == "problem":
            raise InputError(content)
        return content

    def close(self) -> None:
        """Ends the processes, whatever they are at."""
        for lane in self._lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()

    def _future(self, lane: str, key: tuple[Any, ...], job: Job, given: tuple[Any, ...]) -> Future[Any]:
        with self._lock:
            known = self._kept.get(key)
            if known is None or known.cancelled() or (known.done() and known.exception() is not None):
                known = self._kept[key] = self._lane(lane).submit(_outcome_of, job, given)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return known

    def _lane(self, name: str) -> ProcessPoolExecutor:
        lane = self._lanes.get(name)
        if lane is None or getattr(lane, "_broken", False):
            context = multiprocessing.get_context("spawn")
            lane = ProcessPoolExecutor(1, mp_context=context, initializer=_begin)
            self._lanes[name] = lane
        return lane


def _begin() -> None:
    """A run that is going on comes first; Ctrl-C is the server's; and no process outlives the server."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(10)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _outcome_of(job: Job, given: tuple[Any, ...]) -> tuple[str, Any]:
    """Errors as text: those of this program do not survive being sent from one process to another."""
    try:
        return "done", job(*given)
    except AdaemError as error:
        return "problem", str(error)
