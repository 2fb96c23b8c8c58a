"""What was in flight when a run was killed counts against its caps when it goes on, as spent, unknown."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.calls import InFlight
from adaem.domain.errors import BudgetExhausted
from adaem.jobs.evaluation.budget_increase import suggest_budget_increase
from adaem.jobs.search_run import resume
from adaem.jobs.spent_budget import caps
from adaem.pool.budget.ledger import Ledger, Spent
from adaem.records import RunRecords
from growing import Quiet, grow, records_of, simulated_pool
from served import ServedPool


def lose(path: Path, *requests: InFlight) -> None:
    """Leaves the notes that a killed process leaves."""

    async def note() -> None:
        with RunRecords(path) as records:
            for request in requests:
                await records.note(request)

    asyncio.run(note())


def in_flight(name: str, **of_request: Any) -> InFlight:
    about = {"call_id": name, "member": "a", "purpose": "search", "prompt": "answer", "requests": 2, "tokens": 900}
    return InFlight(**{**about, "cost": 0.25, **of_request})


def test_unknown_spending_weighs_on_every_cap_and_stands_in_no_book() -> None:
    ledger = Ledger(calls=10, tokens=1_000, money=1.0, unknown=Spent(calls=8, tokens=900, money=0.5))
    assert (ledger.calls_left, ledger.tokens_left, ledger.money_left) == (2, 100, 0.5)
    assert (ledger.total, ledger.total_tokens, ledger.spent, ledger.mean_tokens) == (0, 0, {}, None)
    with pytest.raises(BudgetExhausted, match="the budget of 1000 tokens is spent but for 100 tokens"):
        asyncio.run(ledger.reserve("a", "search", tokens=101, money=0.1))
    first = asyncio.run(ledger.reserve("a", "search", tokens=40, money=0.1))
    first.settle(tokens=40, money=0.1)
    asyncio.run(ledger.reserve("a", "search", tokens=40, money=0.1)).settle(tokens=40, money=0.1)
    with pytest.raises(BudgetExhausted, match="the budget of 10 calls is spent; raise"):
        asyncio.run(ledger.reserve("a", "search", tokens=0, money=0.0))


def test_a_budget_that_is_raised_for_the_rest_pays_for_the_unknown_too(tmp_path: Path) -> None:
    folder, manifest = grow(tmp_path / "run", pool=simulated_pool(tmp_path / "pool.yaml"), budget__calls=500)
    lose(folder.records_path, in_flight("one"), in_flight("two", requests=1, cost=None))
    assert manifest.pool is not None
    with records_of(folder) as records:
        ledger = Ledger(**caps(manifest.settings, manifest.pool, records))
        spent = records.calls_spent()
    assert ledger.unknown == Spent(calls=3, tokens=1_800, uncounted=1_800, money=0.25)
    assert (ledger.total, ledger.calls_left) == (spent, 500 - spent - 3)
    assert suggest_budget_increase(manifest.settings.budget, ledger, 500, "") == (f"budget.calls={spent + 503}",)


def test_a_report_shows_what_nobody_knows(tmp_path: Path, adaem: Any) -> None:
    folder, _ = grow(tmp_path / "run", pool=simulated_pool(tmp_path / "pool.yaml"), budget__calls=500)
    _, before, _ = adaem("report", folder.path)
    assert "Spent, unknown" not in before
    lose(folder.records_path, in_flight("one"))
    _, shown, _ = adaem("report", folder.path)
    assert "Spent, unknown: 2 requests in flight when a session ended, at most 900 tokens" in " ".join(shown.split())
    page = tmp_path / "report.html"
    assert adaem("report", folder.path, "--html", page)[0] == 0
    assert "Spent, unknown: 2 requests in flight" in " ".join(page.read_text(encoding="utf-8").split())


def test_a_run_that_is_stopped_and_goes_on_keeps_its_cap_with_what_was_in_flight(tmp_path: Path) -> None:
    """Stopped while many requests are under way: those were sent, and may have been paid for."""
    calls = 700

    async def stopped(served: ServedPool, pool: str) -> None:
        from adaem.domain.reading.yaml_records import load_settings
        from adaem.jobs.inputs import check_settings
        from adaem.jobs.search_run import run
        from growing import SMALL

        settings = {**SMALL, "pool": pool, "questions": 2, "budget.calls": calls, "samples.confirm": 2}
        task = asyncio.create_task(run(check_settings(load_settings(None, settings)), tmp_path / "run", Quiet()))
        served.when(60, lambda: loop.call_soon_threadsafe(task.cancel))
        loop = asyncio.get_running_loop()
        _, manifest = await task
        assert manifest.status == "interrupted"

    with ServedPool(latency=0.2) as served:
        pool = served.pool_file(tmp_path / "pool.yaml")
        asyncio.run(stopped(served, pool))
        with RunRecords(tmp_path / "run" / "run.sqlite", read_only=True) as records:
            lost, recorded = records.unknown(), records.calls_spent()
        assert lost.requests > 0
        assert lost.tokens >= lost.requests * 1_024, "each may have taken as much as its reply may have"
        assert recorded + lost.requests >= len(served.exchanges)
        served.server.latency = 0.0
        listener = Quiet()
        asyncio.run(resume(tmp_path / "run", {"allowed_hosts": ["127.0.0.1"]}, listener))
        assert listener.context is not None
        assert listener.context.ledger.unknown.calls == lost.requests
        with RunRecords(tmp_path / "run" / "run.sqlite", read_only=True) as records:
            assert records.unknown() == lost
            assert len(served.exchanges) <= records.calls_spent() + lost.requests <= calls
