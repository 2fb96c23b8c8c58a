"""How a job's folder is left: the way in which the work ends decides status, reason and message."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.domain.errors import InputError, NotWritten, RunFailed, StoreError, StoreLocked
from adaem.domain.settings import Settings
from adaem.graph.pauses import Stopped
from adaem.jobs.folder.lifecycle import Job, new_job, reopened_job
from adaem.records import Manifest, RunFolder
from adaem.records.folder import SessionRecord
from small_world import framework

MANIFEST = Manifest(
    run_id="r1",
    adaem_version="0",
    created_at="2026-01-01T00:00:00Z",
    simulated=True,
    settings=Settings(),
    framework=framework(),
    framework_sha256="0" * 64,
    pool=None,
    prompts={"answer": {"fingerprint": "f", "system": "s", "user": "u"}},
    embedder="hashing",
    packages={"adaem": "0"},
    sessions=(SessionRecord(started_at="2026-01-01T00:00:00Z"),),
)


def worked(
    path: Path,
    work: Callable[[Job], None],
    *,
    started: bool = True,
    resumable: bool = True,
    on_close: Callable[[], None] = lambda: None,
) -> list[str]:
    """Does ``work`` as a job in ``path``; returns which of its calls on the way out came, in order."""
    calls: list[str] = []

    def close() -> None:
        calls.append(f"close while {RunFolder(path).read_manifest().status}")
        on_close()

    with new_job(path, MANIFEST, resumable=resumable) as job, job.under_way():
        if started:
            job.start(on_stop=lambda: calls.append("stop"), on_close=close)
        work(job)
    return calls


def raising(error: BaseException) -> Callable[[Job], None]:
    def work(_: Job) -> None:
        raise error

    return work


def left(path: Path) -> tuple[str, str]:
    manifest = RunFolder(path).read_manifest()
    assert manifest.sessions[-1].finished_at
    assert manifest.sessions[-1].status == manifest.status
    return manifest.status, manifest.stop_reason


def test_the_manifest_is_written_last(tmp_path: Path) -> None:
    path = tmp_path / "run"
    assert worked(path, lambda job: job.finish("all is done")) == ["close while running"]
    assert left(path) == ("finished", "all is done")


@pytest.mark.parametrize("stop", [asyncio.CancelledError(), Stopped()])
def test_a_stop_is_no_error_and_the_folder_is_put_in_order(tmp_path: Path, stop: BaseException) -> None:
    assert worked(tmp_path / "run", raising(stop)) == ["stop", "close while running"]
    assert left(tmp_path / "run") == ("interrupted", "stopped by the user")


@pytest.mark.parametrize(
    ("error", "message", "status", "reason"),
    [
        (InputError("no line"), "no line, and go on with 'adaem resume {}'", "interrupted", "no line"),
        (StoreError("no memory"), "no memory, and go on with 'adaem resume {}'", "interrupted", "no memory"),
        (RunFailed("two out"), "two out — go on with 'adaem resume {}' once they answer", "failed", "two out"),
        (ZeroDivisionError("a slip"), "a slip", "failed", "ZeroDivisionError: a slip"),
    ],
)
def test_an_error_of_the_work_says_how_to_go_on(
    tmp_path: Path, error: Exception, message: str, status: str, reason: str
) -> None:
    path = tmp_path / "run"
    with pytest.raises(type(error)) as raised:
        worked(path, raising(error))
    assert str(raised.value) == message.format(path)
    assert left(path) == (status, reason)


@pytest.mark.parametrize("error", [InputError("no licence"), RunFailed("no licence")])
def test_an_error_before_the_work_is_a_failure_from_which_nothing_goes_on(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(type(error), match=r"^no licence$"):
        worked(tmp_path / "run", raising(error), started=False)
    assert left(tmp_path / "run") == ("failed", f"{type(error).__name__}: no licence")


def test_a_job_that_nothing_resumes_does_not_name_resume(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^no line$"):
        worked(tmp_path / "run", raising(InputError("no line")), resumable=False)
    assert left(tmp_path / "run") == ("failed", "InputError: no line")
    with pytest.raises(NotWritten, match="make room, and start it again in another folder"):
        worked(tmp_path / "full", raising(OSError(errno.ENOSPC, "No space left on device")), resumable=False)


def test_results_that_cannot_be_written_leave_no_finished_job(tmp_path: Path) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "run" / "questions.jsonl"))

    with pytest.raises(NotWritten, match=r"questions\.jsonl: cannot be written .*'adaem resume"):
        worked(tmp_path / "run", lambda job: job.finish("all is done"), on_close=full)
    assert left(tmp_path / "run")[0] == "interrupted"


def test_nobody_else_is_at_work_meanwhile_and_it_can_be_opened_again(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    with new_job(folder.path, MANIFEST), pytest.raises(StoreLocked), reopened_job(folder):
        pass
    with reopened_job(folder) as job:
        job.note(["once"])
        job.note(["once", "twice"])
        with job.under_way():
            job.interrupt("enough")
    assert folder.read_manifest().notices == ("once", "twice")
    assert left(folder.path) == ("interrupted", "enough")


def test_what_going_on_takes_is_there_before_the_manifest(tmp_path: Path) -> None:
    there: list[bool] = []
    folder = RunFolder(tmp_path / "run")
    with new_job(folder.path, MANIFEST, prepare=lambda _: there.append(folder.manifest_path.exists())) as job:
        job.begin()
        there.append(folder.manifest_path.exists())
        job.end()
    assert there == [False, True]
