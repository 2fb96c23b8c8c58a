"""What is seen while a run goes on: a live picture in a terminal, plain lines everywhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ...graph.run_context import RunContext, StepStarted
from ...pool.sending.reachability import WORTH_TELLING
from ...records import TraceEvent
from ...reports.plain_text import plain

AT_WORK = 6
BEST = 5


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


def banner(context: RunContext) -> str:
    """Who is asked, in one line; simulated members are called so."""
    members = context.pool.spec.members
    what = "simulated respondents, no real model is asked" if context.pool.spec.simulated else "models"
    plan = context.plan
    return (
        f"{len(members)} members ({what}); {context.framework.name}; at most {plan.total} calls: "
        f"search {plan.search}, confirmation {plan.confirm}, evaluation {plan.evaluate}"
    )


def outages_in_words(waiting_for: Mapping[str, tuple[float, str]]) -> list[str]:
    """A line for each address that is waited for; see ``Pool.waiting_for``."""
    return [
        f"waiting for {address} since {seconds:.0f} s: {reason}"
        for address, (seconds, reason) in waiting_for.items()
        if seconds >= WORTH_TELLING
    ]


class PlainLines:
    """One line for each step of a whole round."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._context: RunContext | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def begin(self, context: RunContext) -> None:
        """See ``jobs.session.RunListener``."""
        self._context = context
        context.pool.on_outage = self._say
        self._say(banner(context))
        if context.self_judging:
            self._say(f"Note: {context.self_judging}")

    def started(self, step: StepStarted) -> None:
        """See ``jobs.session.RunListener``."""
        pass

    def finished(self, event: TraceEvent) -> None:
        """See ``jobs.session.RunListener``."""
        if event.topic_id or self._context is None:
            return
        ledger = self._context.ledger
        self._say(f"{event.id}: {event.summary} ({ledger.total} of {self._context.plan.total} calls)")

    def _say(self, line: str) -> None:
        self._console.print(plain(line), soft_wrap=True)


class LiveView:
    """Who is at work on which topics, the calls done and left, answers left out, and the best questions so far."""

    def __init__(self, console: Console) -> None:
        self._context: RunContext | None = None
        self._working: dict[str, StepStarted] = {}
        self._last = ""
        self._missing: Counter[str] = Counter()
        self._progress = Progress(
            TextColumn("calls"), BarColumn(), MofNCompleteColumn(), TextColumn("time left"), TimeRemainingColumn()
        )
        self._live = Live(console=console, refresh_per_second=5, transient=True, get_renderable=self._picture)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def begin(self, context: RunContext) -> None:
        """See ``jobs.session.RunListener``."""
        self._context = context
        self._task = self._progress.add_task("calls", total=context.plan.total)
        if context.self_judging:  # a line of its own, above the picture
            self._live.console.print(plain(f"Note: {context.self_judging}"), soft_wrap=True)

    def started(self, step: StepStarted) -> None:
        """See ``jobs.session.RunListener``."""
        self._working[step.id] = step

    def finished(self, event: TraceEvent) -> None:
        """See ``jobs.session.RunListener``."""
        self._working.pop(event.id, None)
        if event.node == "failure":
            # The step that failed has no event of its own.
            move = event.id.removesuffix("failure")
            self._working = {name: step for name, step in self._working.items() if not name.startswith(move)}
        self._missing.update(event.data.get("missing", {}) if event.node == "probe" else {})
        if not event.topic_id:
            self._last = f"{event.id}: {event.summary}"

    def _picture(self) -> RenderableType:
        if self._context is None:
            return plain("starting …")
        self._progress.update(self._task, completed=self._context.ledger.total)
        working = list(self._working.values())
        lines = [plain(f"  {step.node:<10} {step.topic or 'the whole round'}", cut=True) for step in working[:AT_WORK]]
        if len(working) > AT_WORK:
            lines.append(plain(f"  … and {len(working) - AT_WORK} more"))
        missing = ", ".join(f"{number} {outcome}" for outcome, number in sorted(self._missing.items()))
        best = Table(box=None, expand=True, pad_edge=False)
        best.add_column("bits", width=6)
        best.add_column("best questions so far, by search score", ratio=1, no_wrap=True, overflow="ellipsis")
        for scored in self._context.frontier.best(BEST):
            best.add_row(plain(f"{scored.total:+z.3f}"), plain(scored.question.text))
        return Group(
            plain(banner(self._context)),
            self._progress,
            *(plain(line, cut=True) for line in outages_in_words(self._context.pool.waiting_for)),
            plain(self._last, cut=True),
            *([plain(f"answers left out: {missing}", cut=True)] if missing else []),
            plain("at work:"),
            *lines,
            best,
        )
