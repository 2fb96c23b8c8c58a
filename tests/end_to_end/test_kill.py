"""A run that is killed at any instant and resumed ends as if nothing had happened, and pays for nothing twice."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from adaem.graph.checkpoints import RoundCheckpoints
from adaem.jobs.search_run import resume
from growing import Quiet, grow, simulated_pool
from killing import (
    AT_A_REQUEST,
    ATTEMPTS,
    CONCURRENCY,
    FAULTS,
    LATENCY,
    SETTINGS,
    Instant,
    Undisturbed,
    difference,
    instants,
    kill_and_resume,
    left_by,
    undisturbed,
)
from served import ServedPool

INSTANTS = instants(10, seed=0)
"""Each takes some ten seconds; experiments/kill_and_resume.py tries a hundred."""


class Bench(NamedTuple):
    """The server, its pool file and the run to compare with: one of each, since a server's address shapes its calls."""

    served: ServedPool
    pool: str
    whole: Undisturbed


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("kill")
    with ServedPool(latency=LATENCY) as served:
        pool = served.pool_file(folder / "pool.yaml", concurrency=CONCURRENCY, attempts=ATTEMPTS)
        yield Bench(served, pool, undisturbed(served, pool, folder / "undisturbed"))


def test_the_undisturbed_run_is_worth_killing(bench: Bench) -> None:
    assert 200 < bench.whole.requests <= SETTINGS["budget.calls"]
    for part in ("questions.jsonl", "published", "evaluated_grown", "confirm scores of panel", "answers", "moves"):
        assert bench.whole.left[part]
    assert bench.whole.left["status"] == "finished"


def test_an_equal_run_is_equal_and_any_other_is_not(bench: Bench, tmp_path: Path) -> None:
    again = undisturbed(bench.served, bench.pool, tmp_path / "again")
    assert difference(again.left, bench.whole.left) == ()
    assert again.requests == bench.whole.requests
    other = {**again.left, "published": again.left["published"][::-1]}
    assert difference(other, bench.whole.left) == ("published",)


@pytest.mark.parametrize("instant", INSTANTS, ids=lambda instant: f"{instant.kind}-{instant.share:.2f}")
def test_killed_and_resumed_it_ends_as_if_nothing_had_happened(bench: Bench, instant: Instant, tmp_path: Path) -> None:
    killed = kill_and_resume(bench.served, bench.pool, tmp_path / "run", instant, bench.whole)
    assert killed.difference == ()
    assert killed.unseen == 0, "every request that was sent is recorded or noted"
    assert killed.paid_twice == 0
    assert killed.repeated <= killed.noted
    assert killed.unbooked <= 0, "the books hold every request that arrived"


@pytest.mark.timeout(400)
def test_killed_while_three_requests_in_ten_go_wrong_it_ends_the_same(bench: Bench, tmp_path: Path) -> None:
    bench.served.faults = FAULTS
    try:
        whole = undisturbed(bench.served, bench.pool, tmp_path / "undisturbed")
        assert whole.requests > 1.2 * bench.whole.requests
        for number, share in enumerate((0.3, 0.7)):
            folder = tmp_path / f"run-{number}"
            assert kill_and_resume(bench.served, bench.pool, folder, Instant(AT_A_REQUEST, share), whole).holds
    finally:
        bench.served.faults = None


def test_killed_after_its_last_step_only_its_files_are_put_in_order(tmp_path: Path) -> None:
    first, manifest = grow(tmp_path / "run", pool=simulated_pool(tmp_path / "pool.yaml"))
    before = left_by(first.path), first.trace_path.read_bytes()
    unfinished = manifest.sessions[-1].model_copy(update={"finished_at": "", "status": "running"})
    first.write_manifest(
        manifest.model_copy(update={"status": "running", "sessions": (*manifest.sessions[:-1], unfinished)})
    )
    first.questions_path.unlink()
    folder, again = asyncio.run(resume(first.path, {}, Quiet()))
    assert (again.status, again.stop_reason) == ("finished", manifest.stop_reason)
    assert (left_by(folder.path), folder.trace_path.read_bytes()) == before


def grow_to_checkpoint(folder: Path, pool: str, last: float) -> tuple[Path, int]:
    """A small run in which the checkpoint of a round after the ``last`` is not written; with how many were."""
    put, written = RoundCheckpoints.aput, 0

    async def counting(self: RoundCheckpoints, config: Any, *rest: Any) -> Any:
        nonlocal written
        if not config["configurable"]["checkpoint_ns"]:
            if written >= last:
                raise ConnectionAbortedError("killed here")
            written += 1
        return await put(self, config, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RoundCheckpoints, "aput", counting)
        grow(folder, pool=pool, questions=2, budget__calls=500, samples__confirm=2)
    return folder, written


@pytest.fixture(scope="module")
def checkpointed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, int]:
    """A small run to its end: its pool, its folder, and how many checkpoints of rounds it wrote."""
    home = tmp_path_factory.mktemp("checkpointed")
    pool = simulated_pool(home / "pool.yaml")
    return pool, *grow_to_checkpoint(home / "run", pool, math.inf)


@pytest.mark.parametrize("number", [2, 3, 4, 5, -3, -2, -1])
def test_killed_between_the_results_of_a_step_and_its_checkpoint(
    number: int, tmp_path: Path, checkpointed: tuple[str, Path, int]
) -> None:
    """Of the checkpoints of rounds, counted from the first or, below 0, from the last, this one is not written."""
    pool, whole, count = checkpointed
    with pytest.raises(ConnectionAbortedError):
        grow_to_checkpoint(tmp_path / "run", pool, (number if number > 0 else count + 1 + number) - 1)
    folder, manifest = asyncio.run(resume(tmp_path / "run", {}, Quiet()))
    assert manifest.status == "finished"
    assert difference(left_by(folder.path), left_by(whole)) == ()


def test_killed_between_a_step_and_its_checkpoint_in_version_2_of_the_simulator(tmp_path: Path) -> None:
    pool = simulated_pool(tmp_path / "pool.yaml", version=2)
    whole, count = grow_to_checkpoint(tmp_path / "whole", pool, math.inf)
    with pytest.raises(ConnectionAbortedError):
        grow_to_checkpoint(tmp_path / "run", pool, count // 2)
    folder, manifest = asyncio.run(resume(tmp_path / "run", {}, Quiet()))
    assert (manifest.status, manifest.simulator_version) == ("finished", "2")
    assert difference(left_by(folder.path), left_by(whole)) == ()


def test_checkpoints_that_are_left_in_the_middle_of_a_write_lock_nobody_out(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.sqlite"

    async def leave() -> Any:
        async with RoundCheckpoints.at(path) as saver:
            await saver.setup()
            cursor = await saver.conn.execute(
                "INSERT INTO writes (thread_id, checkpoint_id, task_id, idx, channel) VALUES ('a', 'b', 'c', 0, 'd')"
            )
            return cursor, await saver.conn.execute("SELECT * FROM writes")

    left = asyncio.run(leave())
    with closing(sqlite3.connect(path, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM writes").fetchone() == (0,)
    del left
