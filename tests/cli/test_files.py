"""What the operating system refuses ends in one line, wherever it happens; other defects keep their traceback."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.cli.progress_bar import Bar
from adaem.domain.reading import yaml_records as loading
from rich.console import Console

Command = Callable[..., tuple[int, str, str]]
FULL = Path("/dev/full")


def refusing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Lets the file system refuse, in a place where nothing catches it."""

    def refused(name: str) -> None:
        raise error

    monkeypatch.setattr(loading, "load_framework", refused)


@pytest.mark.parametrize(
    ("number", "named", "code", "line"),
    [
        (errno.EACCES, "locked/f.yaml", 2, "locked/f.yaml: permission denied — check its permissions, or name another"),
        (errno.EACCES, b"locked", 2, "locked: permission denied — check its permissions, or name another"),
        (errno.ENOENT, "gone.yaml", 2, "gone.yaml: no such file or directory — check the path"),
        (errno.ENOSPC, "f.yaml", 1, "f.yaml: no space left on device — make room, or write elsewhere"),
        (errno.ENOSPC, None, 1, "a file: no space left on device — make room, or write elsewhere"),
        (errno.EMFILE, None, 1, "this process: too many open files — raise the limit (ulimit -n 1024)"),
    ],
)
def test_a_refusal_that_nothing_else_catches_is_one_line(
    number: int,
    named: str | bytes | None,
    code: int,
    line: str,
    adaem: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusing(monkeypatch, OSError(number, os.strerror(number), named))
    assert adaem("framework", "show", "x") == (code, "", f"adaem: {line}\n")


@pytest.mark.parametrize("error", [ConnectionRefusedError(errno.ECONNREFUSED, "refused"), ValueError("a defect")])
def test_what_is_about_no_file_keeps_its_traceback(
    error: Exception, adaem: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, error)
    with pytest.raises(type(error)):
        adaem("framework", "show", "x")


@pytest.mark.parametrize("arguments", [("report",), ("run", "--prompts"), ("framework", "show")], ids=" ".join)
def test_a_name_that_is_too_long_is_said_so(arguments: tuple[str, ...], adaem: Command) -> None:
    code, out, err = adaem(*arguments, "A" * 300)
    assert (code, out) == (2, "")
    assert err.lower().startswith("adaem: aaaa")
    assert "file name too long" in err.lower()
    assert err.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is locked for root")
def test_a_locked_folder_is_said_so(adaem: Command, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0)
    code, out, err = adaem("prompts", "check", tmp_path / "locked")
    assert (code, out) == (2, "")
    assert "permission denied" in err.lower()
    assert err.count("\n") == 1


@pytest.mark.parametrize("how", [None, RuntimeError])
def test_a_bar_leaves_nothing_where_there_is_no_terminal(how: type[Exception] | None) -> None:
    """An error line that followed would have an empty line before it."""
    written = io.StringIO()
    with contextlib.suppress(RuntimeError), Bar(console=Console(file=written)) as bar:
        bar.update(bar.add_task("far", total=2), completed=1)
        if how is not None:
            raise how
    assert written.getvalue() == ""


def test_a_bar_is_shown_in_a_terminal() -> None:
    written = io.StringIO()
    with Bar(console=Console(file=written, force_terminal=True, force_interactive=True)) as bar:
        bar.update(bar.add_task("far", total=2), completed=1)
    assert "far" in written.getvalue()


def command(*arguments: str, stdout: int, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "adaem.main", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_standard_output_is_one_line(unbuffered: str) -> None:
    with FULL.open("w") as full:
        done = command("settings", "schema", stdout=full.fileno(), PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("adaem: standard output")
    assert "no space left on device" in line


def test_a_terminal_that_lacks_a_character_shows_a_question_mark() -> None:
    done = command("framework", "check", "schwartz", stdout=subprocess.PIPE, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"?" in done.stdout


def test_outside_a_terminal_long_work_says_now_and_then_how_far_it_is() -> None:
    written = io.StringIO()
    with Bar(console=Console(file=written), silence=0.01) as bar:
        task = bar.add_task("calibrating [x]", total=1200)
        bar.update(task, completed=1000)
        while written.getvalue().count("\n") < 2:
            pass
    lines = written.getvalue().splitlines()
    assert re.fullmatch(r"calibrating \[x\]: 1,000 of 1,200 after \d+ s", lines[-1])
    assert not [thread for thread in threading.enumerate() if thread.name == "heartbeat"]
