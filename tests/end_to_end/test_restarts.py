"""A server that is killed and restarted three times in a run, and one that stays away: the questions are the same."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.errors import RunFailed
from adaem.jobs.search_run import resume
from adaem.records import RunFolder
from growing import Quiet, grow, lines, records_of
from served import ServedPool

SETTINGS: dict[str, Any] = {"questions": 3, "budget__calls": 500, "samples__search": 2, "samples__confirm": 2}
HERE: dict[str, Any] = {"allowed_hosts": ["127.0.0.1"]}
OUT = 1.0
"""Seconds that the server is away each time."""


def calls_of(folder: RunFolder) -> int:
    with records_of(folder) as records:
        assert records.unknown().requests == 0
        return records.calls_spent()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("restarts")
    with ServedPool() as served:
        pool = served.pool_file(folder / "pool.yaml", concurrency=4)
        calm, manifest = grow(folder / "calm", pool=pool, **SETTINGS)
        assert manifest.status == "finished"
        yield served, pool, calm


def test_a_server_killed_and_restarted_three_times(undisturbed: Any, tmp_path: Path) -> None:
    served, pool, calm = undisturbed
    deaths = 0

    def die() -> None:
        nonlocal deaths
        deaths += 1
        threading.Thread(target=served.server.die).start()
        threading.Timer(OUT, served.server.rise).start()
        if deaths < 3:
            served.when(120, die)

    served.when(60, die)
    stormy, manifest = grow(tmp_path / "stormy", pool=pool, **SETTINGS)
    assert (deaths, manifest.status) == (3, "finished")
    assert lines(stormy) == lines(calm)
    assert calls_of(stormy) == calls_of(calm)


def test_a_server_that_stays_away_stops_the_run_and_resume_goes_on(undisturbed: Any, tmp_path: Path) -> None:
    served, pool, calm = undisturbed
    path = tmp_path / "left"
    served.when(200, lambda: threading.Thread(target=served.server.die).start())
    with pytest.raises(RunFailed, match=r"could not be reached for 1 s .* then go on with `adaem resume"):
        grow(path, pool=pool, reconnect_timeout=1.0, **SETTINGS)
    folder = RunFolder(path)
    assert folder.read_manifest().status == "interrupted"
    spent = calls_of(folder)
    assert spent < calls_of(calm)
    with pytest.raises(RunFailed, match="could not be reached"):
        asyncio.run(resume(path, HERE, Quiet()))
    assert calls_of(folder) == spent
    served.server.rise()
    _, manifest = asyncio.run(resume(path, {**HERE, "reconnect_timeout": 60.0}, Quiet()))
    assert manifest.status == "finished"
    assert lines(folder) == lines(calm)
    assert calls_of(folder) == calls_of(calm)
