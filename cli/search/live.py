"""What is seen while a run goes on: a live picture in a terminal, plain lines everywhere else."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console

from ...graph.run_context import RunContext, StepStarted
from ...records import TraceEvent
from .live_view import LiveView
from .plain_lines import PlainLines


class Watcher(Protocol):
    """A run's listener that is open while the run goes on."""

    def __enter__(self) -> Self:
        """Starts watching."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops watching."""
        ...

    def begin(self, context: RunContext) -> None:
        """See ``jobs.session.RunListener``."""
        ...

    def started(self, step: StepStarted) -> None:
        """See ``jobs.session.RunListener``."""
        ...

    def finished(self, event: TraceEvent) -> None:
        """See ``jobs.session.RunListener``."""
        ...


def watch(console: Console, *, plain_lines: bool = False) -> Watcher:
    """A live view if ``console`` is a terminal, else plain lines; ``plain_lines`` also where a user is asked."""
    return LiveView(console) if console.is_terminal and not plain_lines else PlainLines(console)
