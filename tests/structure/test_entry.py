"""``python main.py`` is the installed command, and says what to do where nothing is installed."""

import subprocess
import sys
from pathlib import Path

import adaem
from places import ROOT

MAIN = ROOT / "main.py"


def run(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=60)


def test_it_does_what_the_command_does(tmp_path: Path) -> None:
    done = run(str(MAIN), "--version", folder=tmp_path)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, f"adaem {adaem.__version__}", "")


def test_a_wrong_option_keeps_its_exit_code(tmp_path: Path) -> None:
    assert run(str(MAIN), "--no-such-option", folder=tmp_path).returncode == 2


def test_before_installation_it_says_in_one_line_what_to_do(tmp_path: Path) -> None:
    done = run("-S", str(MAIN), "run", folder=tmp_path)  # -S: no site-packages, as before an installation
    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert "make setup" in line
    assert "pip install -e ." in line


def test_a_missing_part_of_our_own_is_shown_as_the_defect_that_it_is(tmp_path: Path) -> None:
    package = tmp_path / "adaem"
    package.joinpath("cli").mkdir(parents=True)
    package.joinpath("__init__.py").touch()
    package.joinpath("cli", "__init__.py").write_text("from ..gone import nothing\n", encoding="utf-8")
    package.joinpath("main.py").write_bytes(MAIN.read_bytes())
    done = run("-S", "-m", "adaem.main", folder=tmp_path)
    assert done.returncode == 1
    assert "No module named 'adaem.gone'" in done.stderr
