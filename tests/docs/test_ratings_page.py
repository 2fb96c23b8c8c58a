"""docs/IMPORT.md: its files are read by its commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from places import ROOT


def test_the_example_gives_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adaem: Callable[..., tuple[int, str, str]]
) -> None:
    page = (ROOT / "docs" / "IMPORT.md").read_text(encoding="utf-8").partition("## Ratings")[2]
    (rows,) = re.findall(r"```csv\n(.*?)```", page, flags=re.DOTALL)
    commands = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)[0]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inventory.csv").write_text(rows, encoding="utf-8")
    for line in commands.splitlines():
        assert adaem(*shlex.split(line)[1:])[0] == 0
    assert "| zebra | 3 | no rating 1 |" in (tmp_path / "inventory.md").read_text(encoding="utf-8")


def test_the_page_begins_with_an_import_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adaem: Callable[..., tuple[int, str, str]]
) -> None:
    page = (ROOT / "docs" / "IMPORT.md").read_text(encoding="utf-8").partition("## ")[0]
    (rows,), (commands,) = (re.findall(rf"```{kind}\n(.*?)```", page, flags=re.DOTALL) for kind in ("csv", "sh"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers.csv").write_text(rows, encoding="utf-8")
    for line in commands.splitlines():
        code, shown, _ = adaem(*shlex.split(line)[1:])
        assert code == 0
        assert "okapi" in shown
