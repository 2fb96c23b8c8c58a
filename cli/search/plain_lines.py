"""What a pipe or a file is told of a run that goes on."""

from __future__ import annotations

from collections import Counter
from typing import Self

from rich.console import Console

from ...graph.run_context import RunContext, StepStarted
from ...records import TraceEvent
from ...reports.plain_text import plain
from ..heartbeat import SILENCE, Heartbeat
from .run_in_words import banner, without


class PlainLines:
    """One line for each step of a whole round, and one wherever nothing else was said for ``silence`` seconds."""

    def __init__(self, console: Console, silence: float = SILENCE) -> None:
        self._console = console
        self._context: RunContext | None = None
        self._working: dict[str, StepStarted] = {}
        self._heartbeat = Heartbeat(self._say_how_far, silence)

    def __enter__(self) -> Self:
        self._heartbeat.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._heartbeat.stop()

    def begin(self, context: RunContext) -> None:
        """See ``jobs.session.RunListener``."""
        self._context = context
        context.pool.on_outage = self._say
        self._say(banner(context))
        if context.self_judging:
            self._say(f"Note: {context.self_judging}")

    def started(self, step: StepStarted) -> None:
        """See ``jobs.session.RunListener``."""
        self._working[step.id] = step

    def finished(self, event: TraceEvent) -> None:
        """See ``jobs.session.RunListener``."""
        self._working = without(self._working, event)
        if event.topic_id or self._context is None:
            return
        ledger = self._context.ledger
        self._say(f"{event.id}: {event.summary} ({ledger.total} of {self._context.plan.total} calls)")

    def _say_how_far(self) -> None:
        if self._context is not None:
            nodes = Counter(step.node for step in tuple(self._working.values()))
            at_work = ", ".join(f"{node} ({number})" for node, number in nodes.most_common()) or "computing"
            self._say(f"at work: {at_work}; {self._context.ledger.total} of {self._context.plan.total} calls")

    def _say(self, line: str) -> None:
        self._heartbeat.defer()
        self._console.print(plain(line), soft_wrap=True)
