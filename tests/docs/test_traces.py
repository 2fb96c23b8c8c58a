"""docs/TRACES.md: its commands run in order, and what it shows is what they print."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.cli.app import app
from adaem.records import TraceEvent
from adaem.records.trace_file import TRACE_VERSION
from places import ROOT
from typer.testing import CliRunner

PAGE = (ROOT / "docs" / "TRACES.md").read_text(encoding="utf-8")


def undated(text: str) -> str:
    """Without run ids and times, which are new with every run, and with the blanks that end lines."""
    text = re.sub(r"\d{4}-\d\d-\d\d-\d{6}-[0-9a-f]{4}", "RUN", text)
    text = re.sub(r"\d+\.\d\d s\b", "T s", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_commands_run_and_print_what_is_shown(
    adaem: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (commands,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    printed = []
    for line in commands.splitlines():
        code, out, told = adaem(*shlex.split(line)[1:])
        assert code == 0, (line, told)
        printed.append(undated(out))
    shown = [undated(block) for block in re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)]
    tree, step, life, _, diff, server = shown
    assert server.startswith("langgraph dev")
    # Where a line breaks hangs on the digits of its time.
    for part in tree.split("\n…\n"):
        assert " ".join(part.split()) in " ".join(printed[1].split())
    for block, output in ((step, printed[2]), (life, printed[3]), (diff, printed[8])):
        assert block in output
    assert (tmp_path / "trace.html").stat().st_size > 1e6
    assert (tmp_path / "first.eval").exists()


def test_the_table_of_fields_is_whole() -> None:
    named = {name for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert set(TraceEvent.model_fields) <= named
    assert f"of this table: {TRACE_VERSION}." in PAGE


def test_the_pauses_are_those_of_a_run(tmp_path: Path) -> None:
    shown = re.findall(r"```text\n(next: .*?)```", PAGE, re.DOTALL)
    answers = "\ne\nShould tourists need a licence?\n\nq\n"
    arguments = ["run", "--step", "--before", "explorer", "--out", str(tmp_path / "run")]
    told = undated(CliRunner().invoke(app, arguments, input=answers).stderr)
    assert undated(shown[0]) in told
