"""Runs the whole graph on small budgets, for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.reading.yaml_records import load_settings
from adaem.graph.run_context import RunContext, StepStarted
from adaem.jobs.inputs import check_settings
from adaem.jobs.search_run import run
from adaem.jobs.session import RunListener
from adaem.records import Manifest, RunFolder, RunRecords, TraceEvent

SMALL: dict[str, Any] = {
    "questions": 6,
    "budget.calls": 1200,
    "search.permutations": 99,
    "search.moves_per_round": 6,
    "samples.confirm": 3,
    "samples.evaluate": 2,
}


class Quiet:
    """A listener that only keeps what it hears."""

    def __init__(self) -> None:
        self.events: list[TraceEvent] = []
        self.steps: list[StepStarted] = []
        self.context: RunContext | None = None

    def begin(self, context: RunContext) -> None:
        self.context = context

    def started(self, step: StepStarted) -> None:
        self.steps.append(step)

    def finished(self, event: TraceEvent) -> None:
        self.events.append(event)


def grow(path: Path, listener: RunListener | None = None, **settings: Any) -> tuple[RunFolder, Manifest]:
    """A run in ``path`` with the small settings; ``__`` stands for the dot of a nested key."""
    given = {key.replace("__", "."): value for key, value in settings.items()}
    inputs = check_settings(load_settings(None, SMALL | given))
    return asyncio.run(run(inputs, path, listener or Quiet()))


def lines(folder: RunFolder) -> list[dict[str, Any]]:
    """``questions.jsonl`` without times."""
    found = [json.loads(line) for line in folder.questions_path.read_text(encoding="utf-8").splitlines()]
    return [{key: value for key, value in line.items() if key != "created_at"} for line in found]


@contextmanager
def records_of(folder: RunFolder) -> Iterator[RunRecords]:
    with RunRecords(folder.records_path, read_only=True) as records:
        yield records


def write_pool(path: Path, members: list[dict[str, Any]]) -> str:
    """A pool file; it is checked here, so that a test's own slip shows."""
    PoolSpec.model_validate({"name": path.stem, "members": members})
    path.write_text(yaml.safe_dump({"name": path.stem, "members": members}), encoding="utf-8")
    return str(path)


def simulated_pool(path: Path, **parameters: Any) -> str:
    """Three scouts that are also the panel, three examinees, an author and a judge; ``parameters`` go to all."""

    def member(name: str, kind: str, roles: list[str], **own: Any) -> dict[str, Any]:
        named = {"world": 1, **parameters, **own}
        return {"id": name, "model": f"simulated:{kind}", "roles": roles, "send_seed": True, "parameters": named}

    members = [member(f"scout-{n}", "respondent", ["scout", "panel"], respondent=n) for n in (1, 2, 3)]
    members += [member(f"examinee-{n}", "respondent", ["examinee"], respondent=n) for n in (4, 5, 6)]
    members += [member("author", "author", ["author"], author=1), member("judge", "judge", ["judge"], judge=1)]
    return write_pool(path, members)
