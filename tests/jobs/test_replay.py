"""What cannot be made again from its recorded calls is refused before anything is written."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from adaem.cli.app import app
from adaem.domain.errors import InputError
from adaem.jobs.inputs import inputs_of
from adaem.jobs.replays import check_replay
from adaem.jobs.search_run import resume, run
from adaem.records import RunFolder
from adaem.records.folder import ForkOf
from asking import ask, checked, write_asked
from finished_runs import FinishedRuns
from growing import Quiet, simulated_pool
from typer.testing import CliRunner

TINY: dict[str, Any] = {"questions": 2, "budget__calls": 700}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> Path:
    folder = tmp_path_factory.mktemp("replays")
    pool = simulated_pool(folder / "pool.yaml")
    finished_runs.copy(folder / "once", **TINY)
    finished_runs.copy(folder / "grown", **TINY)
    asyncio.run(resume(folder / "grown", {}, Quiet(), rounds=1))
    ask(checked(write_asked(folder / "asked.jsonl"), pool), folder / "asked")
    return folder


@pytest.mark.parametrize(
    ("name", "problem"),
    [("asked", "an evaluation, and only a run that searched can be replayed"), ("grown", "it was grown with --rounds")],
)
def test_it_is_refused_in_one_line(home: Path, tmp_path: Path, name: str, problem: str) -> None:
    told = CliRunner().invoke(app, ["run", "--replay", str(home / name), "--out", str(tmp_path / "again")])
    assert isinstance(told.exception, InputError)
    assert str(told.exception).startswith(f"{home / name}: {problem}")
    assert "\n" not in str(told.exception)
    assert not (tmp_path / "again").exists()


def test_it_is_refused_to_a_library_too(home: Path, tmp_path: Path) -> None:
    folder = RunFolder(home / "grown")
    with pytest.raises(InputError, match="it was grown"):
        asyncio.run(run(inputs_of(folder, {}), tmp_path / "again", Quiet(), replayed=folder))
    assert not (tmp_path / "again").exists()


def test_questions_that_were_judged_anew_made_no_search(home: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    manifest = RunFolder(home / "once").read_manifest()
    fork = ForkOf(run_id="first", path="runs/first", control="judge")
    folder.write_manifest(manifest.model_copy(update={"fork": fork}))
    with pytest.raises(InputError, match=r"judged again, .* replay runs/first"):
        check_replay(folder)


def test_a_run_in_one_go_is_replayed(home: Path, tmp_path: Path) -> None:
    folder = RunFolder(home / "once")
    _, manifest = asyncio.run(run(inputs_of(folder, {}), tmp_path / "again", Quiet(), replayed=folder))
    assert manifest.status == "finished"
    assert manifest.replay_of == folder.read_manifest().run_id
