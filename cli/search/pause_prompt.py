"""Asks the user before steps: on standard error what comes next, from standard input what to do."""

from __future__ import annotations

import sys
from typing import NoReturn

from rich.console import Console

from ...domain.errors import InputError
from ...graph.pauses import Pause, Said
from ...reports.plain_text import plain
from ..process.stop_signals import StopRequested, exit_code, on_stop


class TerminalStepper:
    """See ``graph.pauses.Stepper``. ``before``: an agent or a node, None for every step.

    ``stopped``: the exit code of the signal that came at a pause, 0 without one.
    """

    def __init__(self, before: str | None) -> None:
        self._before = before
        self._over = False
        self.stopped = 0
        self._console = Console(stderr=True)

    def pauses(self, node: str, agent: str) -> bool:
        """Before the named agent's steps, until the user wants no more pauses."""
        return not self._over and self._before in (None, node, agent)

    def ask(self, pause: Pause) -> Said:
        """One line of input; of an edit the new words. Ctrl-C stops, as every stop signal."""
        if self._over:
            return Said()
        self._show(pause)
        try:
            # The event loop waits for this line: a signal has to break the reading off.
            with on_stop(_break_off):
                return self._said(pause)
        except StopRequested as stop:
            self.stopped = stop.exit_code
            return Said(do="stop")

    def _show(self, pause: Pause) -> None:
        who = f", by the {pause.agent}" if pause.agent else ""
        self._console.print(plain(f"next: {pause.step}{who}", style="bold"), soft_wrap=True)
        for name, text in (("topic", pause.topic), ("question", pause.question)):
            if text:
                self._console.print(plain(f"  {name}: {text}"), soft_wrap=True)

    def _said(self, pause: Pause) -> Said:
        choices = ["Enter: go on", "r: run on without pauses", "q: stop"]
        if pause.editable:
            choices.insert(1, f"e: edit the {pause.editable}")
        if pause.skippable:
            choices.insert(1, "s: skip this move")
        while True:
            answer = self._line(pause, f"{', '.join(choices)} > ")
            if answer == "r":
                self._over = True
            if answer in ("", "r"):
                return Said()
            if answer == "q":
                return Said(do="stop")
            if answer == "s" and pause.skippable:
                return Said(do="skip")
            if answer == "e" and pause.editable:
                words = self._line(pause, f"the new {pause.editable} (empty: leave it as it is) > ")
                return Said(do="edit", text=words) if words else Said()
            self._console.print(plain(f"{answer!r} is none of these."), soft_wrap=True)

    def _line(self, pause: Pause, prompt: str) -> str:
        self._console.print(plain(prompt), end="", soft_wrap=True)
        line = sys.stdin.readline()
        if not sys.stdin.isatty():
            self._console.print()
        if not line:
            raise InputError(
                f"--step: standard input has ended before {pause.step} — answer in a terminal, or give one line a pause"
            )
        return line.strip()


def _break_off(number: int) -> NoReturn:
    raise StopRequested(exit_code(number))
