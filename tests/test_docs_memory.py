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

PAGE = (Path(__file__).parents[1] / "docs" / "MEMORY.md").read_text(encoding="utf-8")


def undated(text: str) -> str:
    """Without run ids and times, which are new with every run, and with the blanks that end lines."""
    text = re.sub(r"\d{4}-\d\d-\d\d-\d{6}-[0-9a-f]{4}", "RUN", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


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


def test_the_topic_shown_is_one() -> None:
    (found,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    topic = SeedTopic.model_validate(yaml.safe_load(found)["topics"][0])
    assert topic.expired(datetime.date(2026, 8, 29))
    assert not topic.expired(datetime.date(2026, 8, 28))
