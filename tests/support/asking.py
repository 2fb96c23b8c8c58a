"""Small evaluations of files of questions, for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adaem.domain.answer import Answer, Phase
from adaem.domain.judgement import Judgement
from adaem.jobs.evaluation.check_evaluation import check_evaluation
from adaem.jobs.evaluation.evaluation_inputs import EvaluationInputs
from adaem.jobs.evaluation.evaluation_run import evaluate
from adaem.pool.budget.ledger import Ledger
from adaem.records import Manifest, RunFolder
from growing import records_of

FEW = {"search.permutations": 99}


class Hearing:
    """A listener that keeps what it hears; ``at`` is called after each step."""

    def __init__(self, at: Callable[[int], object] | None = None) -> None:
        self.begun: list[tuple[int, int]] = []
        self.heard: list[tuple[int, int]] = []
        self.ledger: Ledger | None = None
        self._at = at

    def begin(self, inputs: EvaluationInputs, ledger: Ledger, done: int, total: int) -> None:
        self.begun.append((done, total))
        self.ledger = ledger

    def step_done(self, done: int, total: int) -> None:
        self.heard.append((done, total))
        if self._at is not None:
            self._at(done)

    def outage(self, line: str) -> None:
        pass


def write_asked(path: Path, count: int = 6) -> Path:
    """``count`` questions, two a topic."""
    rows = [
        {
            "id": f"q{number}",
            "topic_id": f"t{number // 2}",
            "topic": f"Topic {number // 2}",
            "question": f"Should town {number} let people choose freely rather than keep the streets safe and orderly?",
            "fact": f"Town {number} votes on it.",
        }
        for number in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def ask(inputs: EvaluationInputs, path: Path, listener: Hearing | None = None) -> tuple[RunFolder, Manifest]:
    return asyncio.run(evaluate(inputs, path, listener or Hearing()))


def stopped_after(
    inputs: EvaluationInputs, path: Path, steps: int, listener: Hearing | None = None
) -> tuple[RunFolder, Manifest]:
    """As Ctrl-C does it: the task is cancelled when ``steps`` steps are done."""

    async def stopped() -> tuple[RunFolder, Manifest]:
        hearing = Hearing(lambda done: task.cancel() if done == steps else None)
        task = asyncio.create_task(evaluate(inputs, path, listener or hearing))
        return await task

    return asyncio.run(stopped())


def checked(source: Path, pool: str, *, samples: int = 2, prime: bool = False, **settings: Any) -> EvaluationInputs:
    given = FEW | {key.replace("__", "."): value for key, value in settings.items()}
    return check_evaluation(source, pool, given, samples=samples, prime=prime)


def kept_answers(folder: RunFolder) -> dict[str, list[tuple[Answer, Judgement | None]]]:
    with records_of(folder) as records:
        return {
            name: list(zip(*records.answers(name, [Phase.EVALUATE]), strict=True)) for name in records.ids("evaluated")
        }


def calls_of(folder: RunFolder) -> int:
    with records_of(folder) as records:
        return records.calls_spent()
