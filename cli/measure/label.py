"""``adaem judge label``: a person says which values answers express, one line of input an answer."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from rich.console import Console

from ...domain.errors import InputError
from ...domain.texts.counting import count
from ...jobs.label_session import AnswerToLabel, LabelSession, open_label_session
from ...records import open_run
from ...records.damage import as_read
from ...reports.plain_text import plain
from ..process.stop_signals import StopRequested

_KEYS = "numbers of the values that it expresses, 0 for none; u: back, s: skip, ?: definitions, q: stop > "

EXAMPLES = 3
"""How many of a value's examples are shown with its definition: some frameworks have dozens."""

DIGITS_OF_A_ROW = 4
"""Of a value's number, at most."""


def label_verb(run: Path, out: Path, rows: int | None, seed: int | None) -> None:
    """Shows answers on standard error and reads labels from standard input until all are labelled or the input ends.

    Each label is on disk before the next answer is shown, so that a stop loses none.
    """
    with as_read(run):
        session = open_label_session(open_run(run), out, rows, seed)
    page = LabelPage(session, Console(stderr=True))
    try:
        page.label_all()
    except StopRequested as stop:
        raise StopRequested(stop.exit_code, progress(session)) from None
    print(progress(session))  # noqa: T201


def progress(session: LabelSession) -> str:
    """How far the person is, and what comes next."""
    skipped = f", {session.skipped} of them skipped" if session.skipped else ""
    done = f"{session.done} of {count(len(session.drawn), 'answer')} done{skipped}: {session.path}"
    if session.present is not None:
        return f"{done}; the same command goes on"
    return f"{done}; measure a judge on them with 'adaem judge check', compare two people's with 'adaem judge agree'"


class LabelPage:
    """One answer at a time: its question and key points, the framework's values with their numbers, and a prompt."""

    def __init__(self, session: LabelSession, console: Console) -> None:
        self._session = session
        self._console = console
        self._seconds: list[float] = []

    def label_all(self) -> None:
        """Goes on until every answer is labelled, the person stops, or the input ends."""
        while (answer := self._session.present) is not None:
            self._show(answer)
            began, before = time.monotonic(), self._session.done
            if not self._answered():
                return
            if self._session.done > before:
                self._seconds.append(time.monotonic() - began)

    def _answered(self) -> bool:
        """Reads lines until one settles what becomes of the present answer; False to stop."""
        values = self._session.framework.values
        while (line := self._line()) not in ("q", None):
            if line == "u":
                self._session.undo()
                return True
            if line == "s":
                self._session.put(None)
                return True
            if line == "?":
                for number, value in enumerate(values, start=1):
                    such = f" Such as: {'; '.join(value.examples[:EXAMPLES])}." if value.examples else ""
                    self._say(f"{number:>3} {value.name}: {value.definition}{such}")
            elif (numbers := _numbers(line or "", len(values))) is None:
                self._say(
                    f"{line!r} is none of these: type numbers from 1 to {len(values)}, as in '1 4', or 0 for none."
                )
            else:
                self._session.put([values[number - 1].id for number in numbers])
                return True
        return False

    def _show(self, answer: AnswerToLabel) -> None:
        session = self._session
        left = len(session.drawn) - session.done
        time_left = f", {_about(median(self._seconds) * left)} left" if self._seconds else ""
        self._console.print()
        self._say(f"{session.done + 1} of {len(session.drawn)}{time_left}", style="bold")
        self._say(answer.question, style="bold")
        for point in answer.key_points:
            self._say(f"  - {point}")
        self._console.print()
        for number, value in enumerate(session.framework.values, start=1):
            line = plain(f"{number:>3} {value.name}: {value.definition}")
            self._console.print(line, no_wrap=True, overflow="ellipsis")

    def _line(self) -> str | None:
        """One line of input, None at its end."""
        self._console.print(plain(_KEYS), end="", soft_wrap=True)
        try:
            line = sys.stdin.readline()
        except UnicodeDecodeError:
            raise InputError("standard input is not text in this terminal's encoding — type numbers") from None
        if not sys.stdin.isatty():
            self._console.print()
        return line.strip().lower() if line else None

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(plain(text, style=style))


def _numbers(line: str, most: int) -> Sequence[int] | None:
    """The numbers of a line, each once and in order; empty for 0; None where it holds anything else, or nothing."""
    parts = line.replace(",", " ").split()
    if not all(
        part.isascii() and part.isdecimal() and len(part) <= DIGITS_OF_A_ROW and int(part) <= most for part in parts
    ):
        return None
    numbers = sorted({int(part) for part in parts})
    if numbers == [0]:
        return []
    return numbers if numbers and numbers[0] > 0 else None


def _about(seconds: float) -> str:
    minutes = round(seconds / 60)
    return "less than a minute" if minutes < 1 else f"about {count(minutes, 'minute')}"
