"""No cap is ever exceeded: whole runs under random caps in random units, concurrency included."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from adaem.domain.errors import RunFailed
from adaem.records import RunFolder
from budgeting import budgeted_run
from growing import grow, records_of, simulated_pool
from served import ServedPool

RUNS = 12
SERVED_RUNS = 8
"""experiments/budgets.py makes 150."""


def priced_pool(path: Path, rng: random.Random) -> str:
    """The simulated pool with a price a member, and little room for concurrency to be kind."""
    name = simulated_pool(path)
    pool = yaml.safe_load(path.read_text(encoding="utf-8"))
    for member in pool["members"]:
        member["price"] = {"input": rng.uniform(0, 3), "output": rng.uniform(0, 15)}
        member["concurrency"] = rng.choice([1, 8, 64])
        member["max_tokens"] = rng.choice([256, 1024])
    path.write_text(yaml.safe_dump(pool), encoding="utf-8")
    return name


@pytest.mark.parametrize("number", range(RUNS))
def test_no_cap_is_exceeded_in_any_unit(number: int, tmp_path: Path) -> None:
    rng = random.Random(number)
    caps: dict[str, Any] = {"budget__calls": rng.randint(350, 600)}
    if rng.random() < 0.7:
        caps["budget__tokens"] = rng.randint(300_000, 700_000)
    if rng.random() < 0.7:
        caps["budget__money"] = rng.uniform(1.2, 3)
    pool = priced_pool(tmp_path / "pool.yaml", rng)
    with suppress(RunFailed):  # too little to confirm one question: the caps hold all the same
        grow(tmp_path / "run", pool=pool, questions=2, samples__confirm=2, seed=number, **caps)
    with records_of(RunFolder(tmp_path / "run")) as records:
        spending = records.spending()
    assert sum(each.requests for each in spending) <= caps["budget__calls"]
    assert sum(each.tokens for each in spending) <= caps.get("budget__tokens", float("inf"))
    assert sum(each.cost for each in spending) <= caps.get("budget__money", float("inf"))
    assert all(each.unpriced == 0 for each in spending)


@pytest.mark.timeout(900)
def test_no_cap_is_exceeded_by_the_books_or_by_the_server(tmp_path: Path) -> None:
    """Over HTTP, with faults, retries, resumptions, and servers that say nothing of usage."""
    with ServedPool() as served:
        found = [budgeted_run(served, tmp_path / str(seed), seed) for seed in range(SERVED_RUNS)]
    assert [each.exceeded for each in found] == [[]] * SERVED_RUNS
    assert all(each.charged[0] for each in found), "every one of them sent requests"
    assert all(each.booked >= each.charged for each in found if each.tells_usage is False)
    assert any(each.sessions > 1 for each in found)
