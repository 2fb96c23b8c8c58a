"""Work that a first stop signal ends in order, and a second one at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from .stop_signals import StopRequest, StopRequested, on_stop

T = TypeVar("T")

_KEPT = "what it has recorded is kept, and 'adaem resume RUN' goes on with a run"


def run_cancellable(work: Coroutine[Any, Any, T], watcher: AbstractContextManager[Any]) -> tuple[T, int]:
    """What ``work`` returns, with ``watcher`` open until then, and the exit code of the signal that stopped it, else 0.

    The first signal cancels ``work``, which then puts its files in order. A later one ends the process.
    """
    task = _Task()
    request = StopRequest(task.cancel, f"stopped at once; {_KEPT}")
    with on_stop(request):
        return asyncio.run(task.until_done(work, watcher)), request.code


class _Task:
    """The task that is cancelled, from before it is there."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None
        self._cancelled = 0

    def cancel(self, code: int) -> None:
        """``code`` is the exit code of the signal that asks for it."""
        self._cancelled = code
        if self._task is not None:
            # A signal handler runs between any two steps of the loop, which may be waiting.
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    async def until_done(self, work: Coroutine[Any, Any, T], watcher: AbstractContextManager[Any]) -> T:
        with watcher:
            task = asyncio.create_task(work)
            self._task = task
            if self._cancelled:
                task.cancel()
            try:
                return await task
            except asyncio.CancelledError:
                # Stopped while it was being opened or closed, when it had nothing to put in order.
                raise StopRequested(self._cancelled, f"stopped; {_KEPT}") from None
