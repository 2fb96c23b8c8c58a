"""What a run shows while it goes on: a picture in a terminal, lines elsewhere, never wider than the terminal."""

from __future__ import annotations

import io
import re
from pathlib import Path

from adaem.cli.search.live import watch
from adaem.cli.search.live_view import LiveView, member_calls, phase_shares
from adaem.cli.search.plain_lines import PlainLines
from adaem.cli.search.run_in_words import without
from adaem.domain.answer import Phase
from adaem.graph.run_context import StepStarted
from adaem.graph.search.budget_plan import BudgetPlan
from adaem.pool.budget.accounts import Spent
from adaem.records import TraceEvent
from growing import grow, records_of
from rich.console import Console

SMALL = {"budget__calls": 700, "questions": 3}


class Pictures(LiveView):
    """Keeps the picture after each step, as plain text."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        super().__init__(Console(file=io.StringIO(), width=80))

    def finished(self, event: TraceEvent) -> None:
        super().finished(event)
        page = Console(file=io.StringIO(), width=80)
        page.print(self._picture())
        assert isinstance(page.file, io.StringIO)
        self.texts.append(page.file.getvalue())


def test_a_terminal_gets_the_picture_and_a_pipe_the_lines() -> None:
    assert isinstance(watch(Console(file=io.StringIO(), force_terminal=True)), LiveView)
    assert isinstance(watch(Console(file=io.StringIO())), PlainLines)


def test_the_picture_of_a_run(tmp_path: Path) -> None:
    pictures = Pictures()
    folder, _ = grow(tmp_path / "run", pictures, **SMALL)
    assert max(len(line) for text in pictures.texts for line in text.splitlines()) <= 80
    last = pictures.texts[-1]
    for part in ("elapsed", "search", "confirm", "model ", "refused", "s/call", "best so far; mean search score of "):
        assert part in last
    assert "USD" not in last  # nobody's price is known
    with records_of(folder) as records:
        rows = member_calls(records)
        assert sum(row.calls for row in rows) == records.calls_spent()
        assert sum(row.refused for row in rows) == sum(
            number for (_, outcome), number in records.call_outcomes().items() if outcome == "refused"
        )
    assert [row.calls for row in rows] == sorted((row.calls for row in rows), reverse=True)
    assert all(row.cost is None or row.cost >= 0 for row in rows)


def test_the_phases_by_hand() -> None:
    plan = BudgetPlan(
        total=100,
        search=40,
        confirm=60,
        evaluate=0,
        per_answer=2,
        per_move=5,
        per_confirmation=20,
        per_evaluation=40,
        candidates=3,
        evaluated=0,
    )
    spent = {
        ("a", "search"): Spent(calls=4),
        ("b", "search"): Spent(calls=6),
        ("judge", "judge"): Spent(calls=10),
        ("a", "confirm"): Spent(calls=40),
    }
    # 10 answers of 2 calls each are half of the search; repairs take confirmation beyond its plan.
    assert phase_shares(plan, spent) == {
        Phase.SEARCH: (40, 0.5),
        Phase.CONFIRM: (60, 1.0),
        Phase.EVALUATE: (0, 1.0),
    }


class Waits(PlainLines):
    """Waits at its first step until a line about the silence came."""

    def __init__(self, output: io.StringIO) -> None:
        super().__init__(Console(file=output, width=80), silence=0.01)
        self._output = output
        self._waited = False

    def started(self, step: StepStarted) -> None:
        super().started(step)
        while not self._waited and "at work: " not in self._output.getvalue():
            pass
        self._waited = True


def test_a_pipe_hears_in_long_steps_who_is_at_work(tmp_path: Path) -> None:
    output = io.StringIO()
    with Waits(output) as lines:
        grow(tmp_path / "run", lines, **SMALL)
    assert re.search(r"^at work: \w+ \(\d+\).*; \d+ of 700 calls$", output.getvalue(), re.MULTILINE)


def test_a_step_that_failed_is_at_work_no_more() -> None:
    working = {name: StepStarted(name, "probe", "prober", "t") for name in ("2.1.probe", "2.2.probe", "2.12.probe")}
    gone = TraceEvent(id="2.1.failure", position=(2, 1, 1, 9), node="failure")
    assert set(without(working, gone)) == {"2.2.probe", "2.12.probe"}
