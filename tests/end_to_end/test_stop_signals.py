"""A stop signal at any instant of any verb is one line and the shells' exit code; a run can be gone on with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from adaem.records import RunFolder
from finished_runs import FinishedRuns
from growing import simulated_pool
from killing import SETTINGS
from places import SUPPORT

STOPPED_AT = SUPPORT / "stopped_at.py"
FEW = " ".join(f"-s {key}={value}" for key, value in SETTINGS.items())
CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}

VERBS = {
    "help": "--help",
    "framework": "framework show schwartz",
    "run": f"run {FEW} --pool {{pool}} --out {{new}}",
    "report": "report {run}",
    "trace": "trace {run}",
    "memory list": "memory list {run}",
    "memory refresh": "memory refresh {run}/memory --pool {pool} --sample 2 -s search.permutations=99 --out {new}",
    "export": "export {run} --to csv --out {new}",
    "evaluate": "evaluate {run} --pool {pool} --samples 2 -s search.permutations=99 --out {new}",
    "fork": "fork {run} -s seed=1 --out {new}",
    "agents check": "agents check llm --as judge",
    "plan": "plan",
    "doctor": "doctor",
}
SHARES = (0.0, 0.3, 0.6, 0.8, 0.87, 0.89, 0.91, 0.93, 0.97, 0.999)
"""How far on in a verb it is stopped. The first 85 % of what Python tells of are imports."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> Path:
    """Where ``pool.yaml`` and the run ``first`` are."""
    folder = tmp_path_factory.mktemp("stop")
    named = {key.replace(".", "__"): value for key, value in SETTINGS.items()}
    simulated_pool(folder / "pool.yaml")
    finished_runs.copy(folder / "first", **named)
    return folder


def stopped(verb: str, instants: str, home: Path, new: Path) -> subprocess.CompletedProcess[str]:
    words = VERBS[verb].format_map({"run": home / "first", "pool": home / "pool.yaml", "new": new}).split()
    return subprocess.run(
        [sys.executable, str(STOPPED_AT), instants, *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=110,
        check=False,
    )


def check_stop(done: subprocess.CompletedProcess[str], code: int) -> None:
    """One line says that it was stopped, besides those that say how far it had come."""
    assert done.returncode == code, done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("adaem: ")] == [done.stderr.splitlines()[-1]]
    assert "stopped" in done.stderr.splitlines()[-1]
    for noise in ("Traceback", "ignored", "rror", "never retrieved", "pending"):
        assert noise not in done.stderr


@pytest.mark.parametrize("verb", ["help", "framework"])
def test_a_stop_while_it_begins_is_one_line(verb: str, home: Path, tmp_path: Path) -> None:
    total = int(stopped(verb, "", home, tmp_path / "new").stderr.splitlines()[-1])
    for share, name in ((0.0, "SIGINT"), (0.3, "SIGTERM"), (0.6, "SIGINT"), (0.9, "SIGHUP")):
        done = stopped(verb, f"{1 + int(share * total)}:{name}", home, tmp_path / "new")
        assert (done.returncode, done.stdout, done.stderr) == (CODES[name], "", "adaem: stopped\n")


def test_two_signals_at_once_are_one(home: Path, tmp_path: Path) -> None:
    """As from ``timeout``, which sends it to the process and then to its group."""
    done = stopped("framework", "900:SIGTERM,901:SIGTERM,902:SIGINT", home, tmp_path / "new")
    assert (done.returncode, done.stderr) == (143, "adaem: stopped\n")


SLOW_TO_END = """
import asyncio, os, signal
from contextlib import nullcontext
from adaem.cli.process.cancellable import run_cancellable

async def work():
    for delay in (0, 0.05, 1):
        asyncio.get_running_loop().call_later(delay, os.kill, os.getpid(), signal.SIGTERM)
    try:
        await asyncio.sleep(100)
    except asyncio.CancelledError:
        print("putting files in order", flush=True)
        await asyncio.sleep(100)

run_cancellable(work(), nullcontext())
"""


def test_a_later_signal_ends_at_once_what_a_first_one_is_ending_in_order() -> None:
    command = [sys.executable, "-c", SLOW_TO_END]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert (done.returncode, done.stdout) == (143, "putting files in order\n")
    assert done.stderr.startswith("adaem: stopped at once; what it has recorded is kept")
    assert len(done.stderr.splitlines()) == 1


def test_what_the_parent_has_ignored_stays_ignored(home: Path, tmp_path: Path) -> None:
    words = [sys.executable, str(STOPPED_AT), "900:SIGHUP", "framework", "show", "schwartz"]
    done = subprocess.run(["nohup", *words], capture_output=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("name", "shares"), [("SIGINT", SHARES[::2]), ("SIGTERM", SHARES[1::2])], ids=["INT", "TERM"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_stop_at_any_instant_is_one_line(
    verb: str, name: str, shares: tuple[float, ...], home: Path, tmp_path: Path
) -> None:
    whole = stopped(verb, "", home, tmp_path / "whole")
    assert whole.returncode == 0, whole.stderr
    total = int(whole.stderr.splitlines()[-1])
    for number, share in enumerate(shares):
        new = tmp_path / str(number)
        done = stopped(verb, f"{1 + int(share * total)}:{name}", home, new)
        if done.returncode == 0:
            assert share > 0.9, "it ended before it heard of the signal"
            continue
        check_stop(done, CODES[name])
        if verb in ("run", "evaluate") and (new / "manifest.json").exists():
            go_on_to_the_end(new)


def go_on_to_the_end(folder: Path) -> None:
    if RunFolder(folder).read_manifest().status == "finished":
        return
    arguments = [sys.executable, "-m", "adaem.main", "resume", str(folder)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    assert RunFolder(folder).read_manifest().status == "finished"
