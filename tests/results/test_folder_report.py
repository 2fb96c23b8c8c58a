"""One report of any folder: what was in flight at a kill is in it, and each figure is computed once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.calls import InFlight
from adaem.records import RunFolder
from adaem.records.run_records import RunRecords
from adaem.results.folder_report import folder_report
from asking import ask, checked, write_asked
from finished_runs import FinishedRuns
from growing import simulated_pool

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> Path:
    folder = tmp_path_factory.mktemp("reported")
    pool = simulated_pool(folder / "pool.yaml")
    finished_runs.copy(folder / "run", questions=4, budget__calls=1500)
    ask(checked(write_asked(folder / "q.jsonl", 6), pool), folder / "evaluation")
    return folder


def test_an_evaluation_shows_what_was_in_flight_at_a_kill(home: Path, adaem: Command) -> None:
    assert "Spent, unknown" not in adaem("report", home / "evaluation")[1]
    lost: Any = {"call_id": "one", "member": "a", "purpose": "evaluate", "prompt": "answer"}
    folder = RunFolder(home / "evaluation")

    async def killed() -> None:
        with RunRecords(folder.records_path) as records:
            await records.note(InFlight(**lost, requests=2, tokens=900, cost=0.25))

    asyncio.run(killed())
    code, shown, _ = adaem("report", folder.path)
    assert code == 0
    assert "Spent, unknown: 2 requests in flight when a session ended, at most 900 tokens" in " ".join(shown.split())
    assert folder_report(folder).calls.unknown_tokens == 900


def test_the_json_of_a_run_has_its_summary_and_the_results_whose_rates_are_the_same(home: Path) -> None:
    report = folder_report(RunFolder(home / "run"))
    whole = report.as_json()
    assert {"profiles", "comparisons", "calls", "unknown_requests", "spent", "results"} <= set(whole)
    rates = {
        (profile["member"], value): rate["rate"]
        for profile in whole["profiles"]
        for value, rate in profile["rates"].items()
    }
    assert rates
    assert rates == {
        (model, value): figure.estimate
        for model, found in report.results.rates().items()
        for value, figure in found.items()
    }
    assert (report.imported, report.run) == (None, report.calls)
