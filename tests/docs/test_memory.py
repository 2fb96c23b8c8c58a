"""docs/MEMORY.md: its commands run in order, and the life that it shows is the one that they print."""

from __future__ import annotations

import datetime
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from adaem.domain.framework import SeedTopic
from adaem.memory.equality import normalised
from chroma_server import chroma_server
from places import ROOT

PAGE = (ROOT / "docs" / "MEMORY.md").read_text(encoding="utf-8")


def undated(text: str) -> str:
    """Without run ids and times, which are new with every run, and with the blanks that end lines."""
    text = re.sub(r"\d{4}-\d\d-\d\d-\d{6}-[0-9a-f]{4}", "RUN", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_commands_run_and_print_what_is_shown(
    adaem: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    commands = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)[0]
    shown = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)[0]
    printed = {}
    for line in commands.splitlines():
        arguments = shlex.split(line)[1:]
        code, printed[arguments[1]], told = adaem(*arguments)
        assert code == 0, (line, told)
    assert undated(printed["show"]) == undated(shown)
    assert "0 lost, 0 asked twice" in printed["check"]


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_run_on_the_documented_server(adaem: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    (shown,) = [block for block in re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL) if "chroma run" in block]
    server, run = (shlex.split(line) for line in shown.splitlines())
    assert server == ["chroma", "run", "--path", "shared", "--port", "8000"]
    assert run == ["adaem", "run", "--memory", "http://localhost:8000"]
    (tmp_path / "shared").mkdir()
    with chroma_server(tmp_path / "shared") as url:
        few = ("--rounds", "2", "--calls", "3000", "--questions", "2", "--out", tmp_path / "run")
        assert adaem("run", "--memory", url, *few)[0] == 0
        assert adaem("memory", "check", url)[0] == 0


def test_the_pairs_are_what_the_page_says() -> None:
    path = ROOT / "experiments" / "near_duplicates.tsv"
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()][1:]
    assert {len(row) for row in rows} == {3}
    assert 2 * len(rows) == 304
    texts = [text for row in rows for text in row]
    assert len({normalised(text) for text in texts}) == len(texts)
    assert all(text.endswith("?") for text in texts)


def test_the_topic_shown_is_one() -> None:
    (found,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    topic = SeedTopic.model_validate(yaml.safe_load(found)["topics"][0])
    assert topic.expired(datetime.date(2026, 8, 29))
    assert not topic.expired(datetime.date(2026, 8, 28))
