"""A call that was paid for is recorded, whatever comes: records locked by another process, and a disk without room."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.calls import Call, InFlight, Prompt
from adaem.domain.errors import NotWritten
from adaem.domain.reply_types import AnswerReply
from adaem.jobs.search_run import resume
from adaem.records import RunFolder, RunRecords
from adaem.records import call_records as recorded_calls
from adaem.records import database as databases
from growing import Quiet, grow, records_of
from served import ServedPool

PROMPT = Prompt(name="answer", fingerprint="f", system="You answer.", user="Is it right?")

HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
held.execute("ROLLBACK")
"""


class Holder:
    """Another process that has locked the file, until it is let go."""

    def __init__(self, path: Path) -> None:
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], text=True, **pipes)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "held\n"

    def release(self) -> None:
        self._process.communicate()


@contextmanager
def locked(path: Path) -> Iterator[Holder]:
    holder = Holder(path)
    try:
        yield holder
    finally:
        holder.release()


def call(name: str, **of_call: Any) -> Call[AnswerReply]:
    about = {"id": name, "member": "a", "purpose": "search", "sample": 0, "prompt": PROMPT, "outcome": Outcome.REFUSED}
    return Call[AnswerReply](**{**about, "tokens": 100, "cost": 0.25, "attempts": 2, **of_call})


def sending(name: str, **of_request: Any) -> InFlight:
    about = {"call_id": name, "member": "a", "purpose": "search", "prompt": "answer", "requests": 1}
    return InFlight(**{**about, "tokens": 50, "cost": 0.5, **of_request})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (recorded_calls, databases):
        monkeypatch.setattr(module, "LOCK_PATIENCE", 0.2)


def stored(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [name for (name,) in database.execute("SELECT id FROM calls ORDER BY id")]


def test_calls_wait_in_memory_for_a_lock_to_go(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    with RunRecords(path) as records:
        with locked(path):
            for name in ("one", "two"):
                records.record(call(name))
                assert records.recorded(name) == call(name)
            assert stored(path) == []
        records.flush()
        assert stored(path) == ["one", "two"]
        with locked(path):
            records.record(call("three"))
    assert stored(path) == ["one", "three", "two"], "closing writes what is left"


def test_what_cannot_be_recorded_is_told(tmp_path: Path, impatient: None) -> None:
    path = tmp_path / "run.sqlite"
    records = RunRecords(path)
    with locked(path):
        records.record(call("one"))
        records.record(call("two"))
        with pytest.raises(NotWritten) as raised:
            records.close()
    lost = "2 calls that were paid for could not be recorded: 4 requests, 200 tokens, 0.5 in money"
    assert (raised.value.path, raised.value.lost, raised.value.exit_code) == (path, lost, 1)
    assert str(raised.value) == f"{path}: is locked by another process; {lost} — close what has it open"


def test_no_request_is_sent_before_it_can_be_noted(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"

    async def run() -> None:
        with RunRecords(path) as records:
            holder = Holder(path)
            noting = asyncio.create_task(records.note(sending("one")))
            await asyncio.sleep(0)  # other calls go on meanwhile
            assert not noting.done()
            holder.release()
            await noting
            assert records.unknown().requests == 1

    asyncio.run(run())


def test_a_note_that_cannot_be_made_is_an_error(tmp_path: Path, impatient: None) -> None:
    path = tmp_path / "run.sqlite"
    with RunRecords(path) as records, locked(path), pytest.raises(NotWritten, match="is locked by another process"):
        asyncio.run(records.note(sending("one")))


def test_a_note_is_replaced_and_goes_with_its_call(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"

    async def run(records: RunRecords) -> None:
        await records.note(sending("one"))
        await records.note(sending("one", requests=2, tokens=130, cost=0.75))
        await records.note(sending("two", cost=None))
        assert records.unknown() == (3, 180, 0.75, 1)
        records.record(call("one"))
        assert records.unknown() == (1, 50, 0.0, 1)
        records.abandon(sending("two", requests=1, tokens=40, cost=None))
        assert records.unknown() == (1, 40, 0.0, 1)
        await records.note(sending("two", tokens=60))  # asked again: what was left behind stays
        assert records.unknown() == (2, 100, 0.5, 1)
        records.record(call("two"))
        assert records.unknown() == (1, 40, 0.0, 1)

    with RunRecords(path) as records:
        asyncio.run(run(records))
    with RunRecords(path, read_only=True) as reader:
        assert reader.unknown() == (1, 40, 0.0, 1)


def test_records_of_an_earlier_version_hold_nothing_unknown(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    RunRecords(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE in_flight")
    with RunRecords(path, read_only=True) as reader:
        assert reader.unknown() == (0, 0, 0.0, 0)


@pytest.mark.slow
def test_a_run_waits_for_its_records_and_loses_nothing(tmp_path: Path) -> None:
    """Locked from its fortieth request on, for more than one step takes."""
    with ServedPool() as served:
        pool = served.pool_file(tmp_path / "pool.yaml")
        path = tmp_path / "run" / "run.sqlite"
        holders: list[Holder] = []

        def lock() -> None:
            holders.append(Holder(path))
            threading.Timer(1.5, holders[0].release).start()

        served.when(40, lock)
        folder, manifest = grow(tmp_path / "run", pool=pool, questions=2, budget__calls=500)
        assert holders
        assert manifest.status == "finished"
        with records_of(folder) as records:
            assert records.calls_spent() == len(served.exchanges)
            assert records.unknown().requests == 0


@pytest.mark.slow
def test_a_run_whose_records_stay_locked_ends_with_what_was_lost(tmp_path: Path, impatient: None, adaem: Any) -> None:
    with ServedPool() as served:
        pool = served.pool_file(tmp_path / "pool.yaml")
        holders: list[Holder] = []
        served.when(40, lambda: holders.append(Holder(tmp_path / "run" / "run.sqlite")))
        settings = [
            "-s",
            "questions=2",
            "-s",
            "budget.calls=500",
            "-s",
            "samples.confirm=2",
            "-s",
            "samples.evaluate=2",
        ]
        code, _, err = adaem("run", "--pool", pool, "--out", tmp_path / "run", *settings)
        (holder,) = holders
        holder.release()
        assert code == 1
        (line,) = [line for line in err.splitlines() if line.startswith("adaem: ")]
        assert f"{tmp_path}/run/run.sqlite: is locked by another process" in line
        assert "paid for could not be recorded" in line
        assert f"and go on with `adaem resume {tmp_path}/run -s 'allowed_hosts=[\"127.0.0.1\"]'`" in line
        sent = len(served.exchanges)
        folder = RunFolder(tmp_path / "run")
        assert folder.read_manifest().status == "interrupted"
        with records_of(folder) as records:
            on_the_books = records.calls_spent() + records.unknown().requests
        assert on_the_books >= sent, "what could not be recorded had been noted"
        _, manifest = asyncio.run(resume(folder.path, {"allowed_hosts": ["127.0.0.1"]}, Quiet()))
        assert manifest.status == "finished"


class Small(RunRecords):
    """Records on a disk that is full but for some pages."""

    def __init__(self, path: Path, **options: Any) -> None:
        super().__init__(path, **options)
        (pages,) = self._db.execute("PRAGMA page_count").fetchone()
        self._db.execute(f"PRAGMA max_page_count = {pages + 2}")


def test_a_full_disk_keeps_calls_and_ends_with_what_was_lost(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    records = Small(path)
    records.record(call("small"))
    records.record(call("large", text="x" * 50_000))
    assert stored(path) == ["small"]
    assert records.recorded("large") == call("large", text="x" * 50_000)
    with pytest.raises(NotWritten, match=r"cannot be written \(database or disk is full\)") as raised:
        records.close()
    assert "1 call that was paid for could not be recorded: 2 requests, 100 tokens" in str(raised.value)
    assert stored(path) == ["small"], "and the file is whole"


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.argv[1:] = sys.argv[2:]
from adaem.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("verb", "room", "full"),
    [("run", 2_000, "manifest.json"), ("run", 300_000, "checkpoints.sqlite"), ("evaluate", 200_000, "run.sqlite")],
)
def test_the_message_for_a_full_disk_names_the_file_and_resume(verb: str, room: int, full: str, tmp_path: Path) -> None:
    """No file may grow beyond ``room`` bytes: which one is full first depends on it."""
    (tmp_path / "asked.jsonl").write_text(
        "".join(f'{{"id": "q{n}", "question": "Should rule {n} stay?"}}\n' for n in range(40)), encoding="utf-8"
    )
    out = tmp_path / "run"
    arguments = {
        "run": ["--out", str(out), "--calls", "700", "-s", "questions=2"],
        "evaluate": [str(tmp_path / "asked.jsonl"), "--pool", "simulated", "--out", str(out)],
    }[verb]
    command = [sys.executable, "-c", FULL, str(room), verb, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("adaem: ")]
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    assert line.startswith(f"adaem: {out}/{full}: ")
    assert "make room" in line
    if full != "manifest.json":  # without one there is no run yet: it is started again
        assert f"go on with 'adaem resume {out}'" in line
        assert RunFolder(out).read_manifest().status == "interrupted"
