"""A run that was killed is told as such, with the way on; one that is under way is not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.records import RunFolder
from adaem.records.folder import lock_run
from adaem.records.status import current_manifest, how_to_continue
from asking import checked, stopped_after, write_asked
from growing import simulated_pool

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    home = tmp_path_factory.mktemp("stopped")
    pool = simulated_pool(home / "pool.yaml")
    return stopped_after(checked(write_asked(home / "q.jsonl"), pool), home / "evaluation", 2)[0]


@pytest.fixture
def killed(stopped: RunFolder, tmp_path: Path) -> RunFolder:
    """As SIGKILL leaves it: the manifest still says that it is running."""
    shutil.copytree(stopped.path, tmp_path / "mein Lauf")
    folder = RunFolder(tmp_path / "mein Lauf")
    running = {"status": "running", "finished_at": "", "stop_reason": ""}
    folder.write_manifest(folder.read_manifest().model_copy(update=running))
    return folder


def test_a_killed_run_is_cut_off_and_says_how_it_goes_on(killed: RunFolder, adaem: Command) -> None:
    way = f"no process is at work on it any more; go on with `adaem resume '{killed.path}'`."
    for verb in (["report"], ["trace"], ["trace", "--follow"]):
        code, shown, _ = adaem(verb[0], killed.path, *verb[1:])
        assert code == 0
        assert way in shown
        assert "is running" not in shown
        assert "cut off" in shown
    assert json.loads(adaem("report", killed.path, "--json")[1])["asked"]["status"] == "cut off"
    assert killed.read_manifest().status == "running"


def test_a_run_that_somebody_is_at_work_on_is_running(killed: RunFolder, adaem: Command) -> None:
    lock = lock_run(killed)
    try:
        assert current_manifest(killed).status == "running"
        _, shown, _ = adaem("report", killed.path)
    finally:
        lock.release()
    assert "This evaluation is running: what follows" in shown
    assert "adaem resume" not in shown
    assert current_manifest(killed).status == "cut off"
    lock_run(killed).release()


def test_one_that_cannot_be_resumed_says_what_else_to_do(killed: RunFolder) -> None:
    manifest = current_manifest(killed)
    assert "replay first again" in how_to_continue(killed, manifest.model_copy(update={"replay_of": "first"}))
    assert how_to_continue(killed, manifest.model_copy(update={"status": "finished"})) == ""


def test_one_that_was_stopped_says_so_too(stopped: RunFolder, adaem: Command) -> None:
    _, shown, _ = adaem("report", stopped.path)
    assert f"This evaluation ended early: stopped by the user; go on with 'adaem resume {stopped.path}'." in shown
