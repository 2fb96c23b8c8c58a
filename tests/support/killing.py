"""Kills a run with SIGKILL at a chosen instant, resumes it, and compares it with one that nobody disturbed.

The run is a process of its own; its members answer in this one (``served``), so that every request can be counted.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adaem.domain.answer import Phase
from adaem.domain.pool_spec import Role
from adaem.records import RunFolder
from growing import lines, records_of
from served import (
    CUT_OFF,
    GARBAGE,
    RATE_LIMITED,
    RESET,
    SERVER_ERROR,
    Exchange,
    Faults,
    ServedPool,
    prompt_digest,
)

SETTINGS: dict[str, Any] = {
    "questions": 2,
    "budget.calls": 700,
    "budget.rounds": 3,
    "search.permutations": 99,
    "search.moves_per_round": 4,
    "samples.search": 2,
    "samples.confirm": 2,
    "samples.evaluate": 2,
}
"""The rounds end the search, not the calls: what was in flight at a kill weighs on their cap afterwards."""

LATENCY = 0.02
CONCURRENCY = 4
ATTEMPTS = 20
FAULTS = Faults(rate=0.3, kinds=(RATE_LIMITED, SERVER_ERROR, RESET, CUT_OFF, GARBAGE))
"""Those that pass: with so many attempts every call is answered in the end, and two runs can be compared."""

LONGEST = 600.0
"""Seconds for one process, however busy the machine: only what hangs takes longer."""

QUIET = 0.3
"""Seconds after a kill in which requests that were already on their way still arrive."""

AT_THE_START, AT_A_REQUEST, AT_A_TIME, AT_THE_END, AT_THE_CLOSE = "start", "request", "time", "end", "close"
STORED_LISTS = ("confirmed", "published", "evaluated_grown", "evaluated_seeds")
STORED_CRITIQUES = (
    (Phase.SEARCH, Role.SCOUT),
    (Phase.CONFIRM, Role.PANEL),
    (Phase.EVALUATE, Role.PANEL),
    (Phase.EVALUATE, Role.EXAMINEE),
)


@dataclass(frozen=True)
class Instant:
    """When a run is killed; ``share`` in [0, 1] says how far on in what ``kind`` names.

    start    within the first second after the run's folder was made
    request  when that share of the undisturbed run's requests has arrived
    time     when that share of its seconds has passed, from the making of the folder on
    end      that share of its last seconds after its last request
    close    within a tenth of a second after its last step, while it puts its files in order
    """

    kind: str
    share: float


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody killed: what it left, how many requests it sent, how many seconds it took from the making of
    its folder on, and how many of them after the last request arrived.
    """

    left: dict[str, Any]
    requests: int
    seconds: float
    ending: float


@dataclass(frozen=True)
class Killed:
    """What a kill and the resumption after it brought.

    killed      False where the run had ended before; one that had only to exit counts as killed
    sent, recorded  requests that had arrived, and calls that were on disk, when the process had died
    open        requests that the server had not answered when it killed
    lost        calls that had been sent and were not on disk: those in flight
    noted       calls that the records said to be in flight: the margin, as measured
    unseen      calls that had been sent and stood nowhere in the records
    repeated    calls sent both before the kill and after it
    paid_twice  those of them that had not been in flight
    unbooked    requests that arrived, in both sessions, beyond those on the books; below 0: the books hold more
    difference  what is not as in the undisturbed run
    """

    instant: Instant
    killed: bool
    sent: int
    recorded: int
    open: int
    lost: int
    noted: int
    unseen: int
    repeated: int
    paid_twice: int
    unbooked: int
    difference: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing differs, nothing was asked twice that was not in flight, and all that was sent is booked."""
        asked_again = self.paid_twice == 0 and self.repeated <= self.noted
        return not self.difference and asked_again and self.unseen == 0 and self.unbooked <= 0


def instants(count: int, seed: int) -> list[Instant]:
    """``count`` random instants: a tenth at the very start, three tenths at the end, one at the first request."""
    rng = random.Random(seed)
    tenth = max(1, count // 10)
    kinds = [AT_THE_START] * tenth + [AT_THE_END] * tenth + [AT_THE_CLOSE] * 2 * tenth + [AT_A_TIME] * tenth
    kinds += [AT_A_REQUEST] * (count - len(kinds) - 1)
    return [Instant(AT_A_REQUEST, 0.0), *(Instant(kind, rng.random()) for kind in kinds)]


def undisturbed(served: ServedPool, pool: str, folder: Path) -> Undisturbed:
    """Makes the run in ``folder`` without a kill."""
    served.forget_attempts()
    first = len(served.exchanges)
    process = _start(pool, folder)
    made = _wait_for_folder(process, folder)
    assert process.wait(LONGEST) == 0, _words(folder)
    # Its manifest is the last thing that a run writes; the report on the screen comes after it.
    ended = RunFolder(folder).manifest_path.stat().st_mtime - (time.time() - time.monotonic())
    exchanges = served.exchanges[first:]
    return Undisturbed(left_by(folder), len(exchanges), ended - made, ended - exchanges[-1].received)


def kill_and_resume(served: ServedPool, pool: str, folder: Path, instant: Instant, whole: Undisturbed) -> Killed:
    """Makes the run in ``folder``, kills it at ``instant`` and resumes it. Raises AssertionError when one cannot.

    Faults, if any are set, are those of the undisturbed run: a call that is made again meets its own once more.
    """
    served.forget_attempts()
    first = len(served.exchanges)
    process = _start(pool, folder)
    at: list[float] = []

    def kill() -> None:
        at.append(time.monotonic())
        process.kill()

    if instant.kind == AT_A_REQUEST:
        served.when(1 + int(instant.share * (whole.requests - 1)), kill)
    elif instant.kind == AT_THE_END:
        served.when(whole.requests, threading.Timer(instant.share * whole.ending, kill).start)
    elif instant.kind == AT_THE_CLOSE:
        _wait_for_last_step(process, folder)
        time.sleep(instant.share * 0.1)
        kill()
    else:
        _wait_for_folder(process, folder)
        time.sleep(instant.share * (1.0 if instant.kind == AT_THE_START else whole.seconds))
        kill()
    code = process.wait(LONGEST)
    assert code in (0, -9), _words(folder)
    time.sleep(QUIET)
    before, cut = served.exchanges[first:], len(served.exchanges)
    recorded, noted_ids = _recorded(folder), _noted(folder)
    served.forget_attempts()
    if code == -9:
        _go_on(pool, folder, begun=bool(before))
    sent = _calls(before)
    again = sent & _calls(served.exchanges[cut:])
    lost = _asked(sent) - recorded
    noted = _asked_by_id(folder, noted_ids)
    return Killed(
        instant=instant,
        killed=code == -9,
        sent=len(before),
        recorded=recorded.total(),
        open=sum(each.answered is None or each.answered > at[0] for each in before) if code == -9 else 0,
        lost=lost.total(),
        noted=noted.total(),
        unseen=(lost - noted).total(),
        repeated=len(again),
        # Of each prompt as many samples may be sent again as were lost, and those that were about to be sent.
        paid_twice=(_asked(again) - noted).total(),
        unbooked=len(served.exchanges) - first - _booked(folder),
        difference=difference(left_by(folder), whole.left),
    )


def _go_on(pool: str, folder: Path, *, begun: bool) -> None:
    """Resumes a run; one that has not even a manifest is started again, and one that only had to exit is left."""
    if not (folder / "manifest.json").exists():
        assert not begun
        verb = _run_arguments(pool, folder)
    elif RunFolder(folder).read_manifest().status == "finished":
        return
    else:
        verb = ["resume", str(folder), "-s", "allowed_hosts=[127.0.0.1]"]
    done = subprocess.run(_command(verb), capture_output=True, text=True, timeout=LONGEST, check=False)
    assert done.returncode == 0, done.stderr


def left_by(folder: Path) -> dict[str, Any]:
    """All that a finished run found out, without times and without its own id."""
    run = RunFolder(folder)
    left: dict[str, Any] = {"status": run.read_manifest().status, "questions.jsonl": lines(run)}
    left["calls"] = _recorded(folder)
    with records_of(run) as records:
        left |= {name: records.ids(name) for name in STORED_LISTS}
        left["questions"] = {
            name: question.model_dump(exclude={"created_at"}) for name, question in records.questions().items()
        }
        left["answers"] = {
            name: [[each and each.model_dump_json() for each in column] for column in records.answers(name)]
            for name in left["questions"]
        }
        left["moves"] = [move.model_dump_json() for move in records.moves()]
        for phase, role in STORED_CRITIQUES:
            critiques = records.critiques(phase, role)
            left[f"{phase.value} scores of {role.value}"] = {
                name: critique.model_dump_json() for name, critique in critiques.items()
            }
    return left


def difference(left: dict[str, Any], whole: dict[str, Any]) -> tuple[str, ...]:
    """The names of the parts in which two runs differ."""
    return tuple(sorted(name for name in {*left, *whole} if left.get(name) != whole.get(name)))


def _run_arguments(pool: str, folder: Path) -> list[str]:
    settings = [part for name, value in SETTINGS.items() for part in ("-s", f"{name}={value}")]
    return ["run", "--pool", pool, "--out", str(folder), *settings]


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "adaem.main", *arguments]


def _start(pool: str, folder: Path) -> subprocess.Popen[bytes]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".err").open("wb") as errors:
        return subprocess.Popen(_command(_run_arguments(pool, folder)), stdout=subprocess.DEVNULL, stderr=errors)


def _words(folder: Path) -> str:
    return folder.with_suffix(".err").read_text(encoding="utf-8")


def _wait_for_folder(process: subprocess.Popen[bytes], folder: Path) -> float:
    while not folder.exists() and process.poll() is None:
        time.sleep(0.002)
    return time.monotonic()


def _wait_for_last_step(process: subprocess.Popen[bytes], folder: Path) -> None:
    trace = RunFolder(folder).trace_path
    while process.poll() is None and not (trace.exists() and b'"node":"evaluate"' in trace.read_bytes()):
        time.sleep(0.002)


def _calls(exchanges: Sequence[Exchange]) -> set[tuple[tuple[str, str], int]]:
    """What was asked of whom, and the seed, which tells samples apart."""
    return {(exchange.asked, exchange.key.seed) for exchange in exchanges}


def _asked(calls: Iterable[tuple[tuple[str, str], int]]) -> Counter[tuple[str, str]]:
    """How many samples of each prompt."""
    return Counter(asked for asked, _ in calls)


def _recorded(folder: Path) -> Counter[tuple[str, str]]:
    """How many samples of each prompt are on disk."""
    return Counter(_prompts(folder, "attempts > 0").values())


def _asked_by_id(folder: Path, ids: Iterable[str]) -> Counter[tuple[str, str]]:
    """How many samples of each prompt these calls were."""
    prompts = _prompts(folder, "1")
    return Counter(prompts[call_id] for call_id in ids)


def _prompts(folder: Path, condition: str) -> dict[str, tuple[str, str]]:
    """Member and prompt of the recorded calls, by id."""
    rows = _rows(
        folder,
        "calls",
        f"SELECT id, member, texts.text, user FROM calls JOIN texts ON sha256 = system_sha256 WHERE {condition}",
    )
    return {call_id: (member, prompt_digest(system, user)) for call_id, member, system, user in rows}


def _noted(folder: Path) -> list[str]:
    """The calls that the records say to be in flight."""
    return [call_id for (call_id,) in _rows(folder, "in_flight", "SELECT call_id FROM in_flight")]


def _booked(folder: Path) -> int:
    """The requests on the books: those of recorded calls, and those of which nobody knows."""
    recorded = _rows(folder, "calls", "SELECT coalesce(sum(attempts), 0) FROM calls")
    unknown = _rows(folder, "in_flight", "SELECT coalesce(sum(requests), 0) FROM in_flight")
    return sum(number for rows in (recorded, unknown) for (number,) in rows)


def _rows(folder: Path, table: str, query: str) -> list[Any]:
    """From a copy of the records: closing the original could fold its log in."""
    with tempfile.TemporaryDirectory() as copy:
        for path in folder.glob("run.sqlite*"):
            shutil.copy(path, copy)
        with closing(sqlite3.connect(Path(copy) / "run.sqlite")) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
                return []
            return database.execute(query).fetchall()
