"""What a callback hears while a job goes on, whichever job it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..domain.texts.counting import count
from ..domain.texts.safe_text import one_line

if TYPE_CHECKING:
    from ..graph.run_context import RunContext, StepStarted
    from ..jobs.evaluation.evaluation_inputs import EvaluationInputs
    from ..pool.budget.ledger import Ledger
    from ..records import TraceEvent


@dataclass(frozen=True)
class Event:
    """One thing that has happened; as text it is one line.

    kind    begin, step (one has ended), or notice (an endpoint is waited for, say)
    done    of a run the calls that were made, else the questions that are done; ``total`` of how many
    calls   requests to models so far; None where nobody counts them
    trace   the step as it stands in ``trace.jsonl``; only a run has these
    """

    kind: Literal["begin", "step", "notice"]
    text: str
    done: int = 0
    total: int = 0
    calls: int | None = None
    trace: TraceEvent | None = None

    def __str__(self) -> str:
        of = f" ({self.done:,} of {self.total:,})" if self.total else ""
        return f"{one_line(self.text)}{of}"


OnEvent = Callable[[Event], None]


class RunEvents:
    """Hears of a run (``jobs.session.RunListener``) and tells ``on_event``."""

    def __init__(self, on_event: OnEvent) -> None:
        self._tell = on_event
        self._context: RunContext | None = None

    def begin(self, context: RunContext) -> None:
        """See ``RunListener``."""
        self._context = context
        context.pool.on_outage = lambda line: self._tell(Event("notice", line))
        members = count(len(context.pool.spec.members), "member")
        simulated = " (simulated)" if context.pool.spec.simulated else ""
        self._say("begin", f"{members}{simulated}; {context.framework.name}")
        if context.self_judging:
            self._tell(Event("notice", context.self_judging))

    def started(self, step: StepStarted) -> None:
        """See ``RunListener``."""

    def finished(self, event: TraceEvent) -> None:
        """See ``RunListener``."""
        self._say("step", f"{event.id}: {event.summary}", event)

    def _say(self, kind: Literal["begin", "step"], text: str, trace: TraceEvent | None = None) -> None:
        assert self._context is not None
        calls = self._context.ledger.total
        self._tell(Event(kind, text, done=calls, total=self._context.plan.total, calls=calls, trace=trace))


class EvaluationEvents:
    """Hears of an evaluation (``EvaluationListener``) and tells ``on_event``."""

    def __init__(self, on_event: OnEvent) -> None:
        self._tell = on_event
        self._ledger: Ledger | None = None

    def begin(self, inputs: EvaluationInputs, ledger: Ledger, done: int, total: int) -> None:
        """See ``EvaluationListener``."""
        self._ledger = ledger
        simulated = " (simulated)" if inputs.pool.simulated else ""
        who = f"{count(len(inputs.respondents), 'model')}{simulated}; {count(len(inputs.questions), 'question')}"
        self._tell(Event("begin", who, done=done, total=total, calls=ledger.total))
        for notice in inputs.notices:
            self._tell(Event("notice", notice))

    def step_done(self, done: int, total: int) -> None:
        """See ``EvaluationListener``."""
        calls = None if self._ledger is None else self._ledger.total
        self._tell(Event("step", "questions", done=done, total=total, calls=calls))

    def outage(self, line: str) -> None:
        """See ``EvaluationListener``."""
        self._tell(Event("notice", line))


def folder_in_words(path: Path) -> str:
    """How to go on with the job in a folder, from Python."""
    return f"what it has so far is in {path}: await adaem.resume({str(path)!r}) goes on with it"
