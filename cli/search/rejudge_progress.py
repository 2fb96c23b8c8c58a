"""What is seen while a fork judges the stored answers of its run anew: how many of them, since nothing else goes on."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from ...domain.texts.counting import count
from ...graph.run_context import RunContext, StepStarted
from ...jobs.rejudge import answers_to_judge
from ...records import RunFolder, TraceEvent
from ...reports.plain_text import plain
from ..progress_bar import Bar

WHAT = "judging stored answers again"
LINES = 10
"""Into how many parts a pipe hears of the whole."""


class RejudgingProgress:
    """A bar in a terminal, a line for each tenth everywhere else. See ``live.Watcher``."""

    def __init__(self, console: Console, parent: RunFolder) -> None:
        self._console = console
        self._parent = parent
        self._answers: dict[str, int] = {}
        self._total = self._done = self._tenths_shown = 0
        columns = TextColumn(WHAT), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        self._bar = Bar(*columns, console=console, transient=True)
        self._task = self._bar.add_task(WHAT, total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, context: RunContext) -> None:
        """See ``jobs.session.RunListener``."""
        context.pool.on_outage = self._say
        # Not before: of a run that is gone it is told when the fork is checked.
        self._answers = answers_to_judge(self._parent)
        self._total = sum(self._answers.values())
        self._bar.update(self._task, total=self._total)
        judge = context.settings.agents.judge
        simulated = "; simulated, no real model is asked" if context.pool.spec.simulated else ""
        answers = f"{count(self._total, 'stored answer')} of {self._parent.read_manifest().run_id}"
        self._say(f"{answers}; judge: {judge}, and nobody else is asked{simulated}; {context.framework.name}")
        if context.self_judging:
            self._say(f"Note: {context.self_judging}")

    def started(self, step: StepStarted) -> None:
        """See ``jobs.session.RunListener``."""
        pass

    def finished(self, event: TraceEvent) -> None:
        """See ``jobs.session.RunListener``."""
        self._done += self._answers.get(event.id, 0)
        self._bar.update(self._task, completed=self._done)
        tenth = LINES * self._done // max(self._total, 1)
        if tenth > self._tenths_shown and not self._console.is_terminal:
            self._tenths_shown = tenth
            self._say(f"{WHAT}: {self._done} of {self._total}")

    def _say(self, line: str) -> None:
        self._console.print(plain(line), soft_wrap=True)
