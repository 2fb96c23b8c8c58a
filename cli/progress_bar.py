"""How far a long task is: a bar in a terminal, a line now and then everywhere else."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.progress import Progress, ProgressColumn

from .heartbeat import SILENCE, Heartbeat


class Bar(Progress):
    """Rich's bar in a terminal. Elsewhere a line every ``silence`` seconds that says how far each task is, no bar:
    rich's own leaves an empty line in a file when it ends, or fails."""

    def __init__(
        self, *columns: str | ProgressColumn, console: Console, silence: float = SILENCE, **options: Any
    ) -> None:
        """``options`` are those of ``rich.progress.Progress``."""
        super().__init__(*columns, console=console, **options)
        self._heartbeat = Heartbeat(self._say_how_far, silence)

    def start(self) -> None:
        """Shows the bar, or begins to report."""
        if self.console.is_interactive:
            super().start()
        else:
            self._heartbeat.start()

    def stop(self) -> None:
        """Takes the bar away, or leaves it at its end; ends the reports."""
        if self.console.is_interactive:
            super().stop()
        else:
            self._heartbeat.stop()

    def _say_how_far(self) -> None:
        for task in self.tasks:
            total = "" if task.total is None else f" of {task.total:,.0f}"
            line = f"{task.description}: {task.completed:,.0f}{total} after {task.elapsed or 0:.0f} s"
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)
