"""Each verb where its reader has gone, its streams are closed or full, or its surroundings lack what is usual."""

from __future__ import annotations

import os
import pty
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from adaem.records import RunFolder
from finished_runs import FinishedRuns
from growing import simulated_pool
from killing import SETTINGS
from places import ROOT

FULL = Path("/dev/full")
FEW = [part for key, value in SETTINGS.items() for part in ("-s", f"{key}={value}")]
ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}

LIGHT = {"help": "--help", "framework": "framework show schwartz"}
"""Verbs that begin in a moment."""

HEAVY = {
    "agents": "agents list",
    "prompts": "prompts show default",
    "report": "report {run}",
    "report as JSON": "report {run} --json",
    "trace": "trace {run}",
    "trace of a step": "trace {run} 1.explore",
    "diff": "diff {run} {other}",
    "compare": "compare {run} {other}",
    "memory list": "memory list {run}",
    "memory stats": "memory stats {run}",
    "export": "export {run} --to csv --out {new}",
    "evaluate": "evaluate {run} --pool {pool} --samples 2 -s search.permutations=99 --out {new}",
    "agents check": "agents check llm --as judge",
    "graph": "graph",
    "plan": "plan",
    "doctor": "doctor",
    "settings": "settings show",
}
VERBS = [*LIGHT, *HEAVY]


def in_turn(ways: Mapping[str, Any]) -> pytest.MarkDecorator:
    """Each verb in one of the ``ways``, the next verb in the next: what they have in common is the same code."""
    names = list(ways)
    cases = [(verb, names[place % len(names)]) for place, verb in enumerate(VERBS)]
    return pytest.mark.parametrize(("verb", "way"), [pytest.param(v, ways[w], id=f"{v}-{w}") for v, w in cases])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> Path:
    """Where ``pool.yaml`` and the runs ``first`` and ``second`` are, which are alike."""
    folder = tmp_path_factory.mktemp("pipes")
    named = {key.replace(".", "__"): value for key, value in SETTINGS.items()}
    simulated_pool(folder / "pool.yaml")
    finished_runs.copy(folder / "first", **named)
    shutil.copytree(folder / "first", folder / "second")
    return folder


def command(verb: str, home: Path, new: Path) -> list[str]:
    places = {"run": home / "first", "other": home / "second", "pool": home / "pool.yaml", "new": new}
    words = (LIGHT | HEAVY)[verb].format_map(places).split()
    return [sys.executable, "-m", "adaem.main", *words]


def run_command(home: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "adaem.main", "run", *FEW, "--pool", str(home / "pool.yaml"), "--out", str(out)]


def shell(line: str, arguments: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Runs a line of shell, in which ``"$@"`` are the arguments."""
    return subprocess.run(
        ["sh", "-c", line, "sh", *arguments], capture_output=True, timeout=110, check=False, **options
    )


@pytest.mark.parametrize("verb", VERBS)
def test_a_reader_that_has_seen_enough_leaves_quietly(verb: str, home: Path, tmp_path: Path) -> None:
    line = '{ "$@"; echo "ended $?" >&2; } | { read first; echo "$first"; }'
    done = shell(line, command(verb, home, tmp_path / "new"))
    told = done.stderr.decode().splitlines()
    assert told.pop() == "ended 0", done.stderr
    assert done.stdout
    assert not [line for line in told if "rror" in line or "Traceback" in line]


@in_turn({"all": '"$@" <&- >&- 2>&-', "output": '"$@" >&-', "errors": '"$@" 2>&-'})
def test_closed_streams_are_as_if_nobody_listened(verb: str, way: str, home: Path, tmp_path: Path) -> None:
    done = shell(way, command(verb, home, tmp_path / "new"))
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert bool(done.stdout) == (">&-" not in way.replace("2>&-", ""))
    assert "2>&-" not in way or done.stderr == b""


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize("verb", VERBS)
def test_a_full_standard_output_is_an_error_and_a_full_standard_error_none(
    verb: str, home: Path, tmp_path: Path
) -> None:
    arguments = command(verb, home, tmp_path / "new")
    full = shell('"$@" >/dev/full', arguments)
    assert full.returncode == 1
    line = "adaem: standard output: no space left on device — make room, or write elsewhere"
    assert full.stderr.decode().splitlines()[-1] == line
    assert b"Traceback" not in full.stderr
    shutil.rmtree(tmp_path / "new", ignore_errors=True)
    assert shell('"$@" 2>/dev/full', arguments).returncode == 0


@in_turn({"locale C": ASCII, "narrow": {"PYTHONIOENCODING": "ascii", "COLUMNS": "20"}})
def test_no_locale_and_no_width_is_too_poor(verb: str, way: Mapping[str, str], home: Path, tmp_path: Path) -> None:
    done = shell('"$@"', command(verb, home, tmp_path / "new"), env={**os.environ, **way})
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("ascii").strip()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_in_a_narrow_terminal(verb: str, home: Path, tmp_path: Path) -> None:
    terminal, inside = pty.openpty()
    with (
        os.fdopen(terminal, "rb", buffering=0) as screen,
        subprocess.Popen(
            command(verb, home, tmp_path / "new"),
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env={**os.environ, "COLUMNS": "24", "LINES": "5"},
        ) as process,
    ):
        os.close(inside)
        seen = b""
        try:
            while chunk := screen.read(4096):
                seen += chunk
        except OSError:  # so a terminal ends on Linux
            pass
    assert process.returncode == 0, seen
    assert seen.strip()
    assert b"Traceback" not in seen


def test_a_run_goes_on_to_its_end_when_nobody_reads_how_it_goes(home: Path, tmp_path: Path) -> None:
    line = '{ "$@" 2>&1; echo "ended $?" >&3; } 3>&2 | head -n 1'
    done = shell(line, run_command(home, tmp_path / "run"))
    assert done.stderr.decode().splitlines() == ["ended 0"]
    assert "8 members" in done.stdout.decode()
    assert RunFolder(tmp_path / "run").read_manifest().status == "finished"


def test_a_run_is_content_with_64_open_files_without_streams(home: Path, tmp_path: Path) -> None:
    def few_files() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    done = shell('"$@" <&- >&- 2>&-', run_command(home, tmp_path / "run"), preexec_fn=few_files)
    assert done.returncode == 0
    manifest = RunFolder(tmp_path / "run").read_manifest()
    assert manifest.status == "finished"
    # Closed streams would have given their numbers to the first files that a run opens.
    for path in (tmp_path / "run").rglob("*.sqlite*"):
        if path.suffix == ".sqlite":
            assert path.read_bytes()[:15] == b"SQLite format 3"


GONE = {
    "help": ("--help", 0, ""),
    "framework": ("framework show schwartz", 0, ""),
    "run": ("run", 2, "name a writable folder with --out"),
    "init": ("init new", 2, "choose another place"),
    "doctor": ("doctor", 1, ""),
    "report": ("report first", 2, "first: is not a run"),
    "trace": ("trace first", 2, "first: is not a run"),
    "diff": ("diff first second", 2, "adaem: the current folder: has been removed"),
    "memory stats": ("memory stats shared", 2, "adaem: "),
}


@pytest.mark.parametrize("verb", GONE)
def test_the_current_folder_may_be_gone(verb: str, tmp_path: Path) -> None:
    words, code, told = GONE[verb]
    (tmp_path / "here").mkdir()
    arguments = [sys.executable, str(ROOT / "main.py"), *words.split()]
    done = shell('rmdir "$PWD"; "$@"', arguments, cwd=tmp_path / "here")
    assert done.returncode == code, done.stderr
    assert told in done.stderr.decode()
    assert len(done.stderr.splitlines()) <= 1


@in_turn({"no home": {}, "a home that is not there": {"HOME": "/nonexistent"}})
def test_neither_a_home_nor_a_folder_for_temporary_files_is_needed(
    verb: str, way: Mapping[str, str], home: Path, tmp_path: Path
) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "HOME"}
    given = {**environment, **way, "TMPDIR": "/nonexistent"}
    done = shell('"$@"', command(verb, home, tmp_path / "new"), env=given)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
@pytest.mark.parametrize("words", ["run", "init new"])
def test_a_current_folder_that_cannot_be_written_is_one_line(words: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    done = shell('"$@"', [sys.executable, "-m", "adaem.main", *words.split()], cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert b"adaem: " in done.stderr
