"""Which runs lie in a folder, and which of them ``latest`` is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from adaem.domain.errors import InputError
from adaem.records.run_list import run_path, runs_in


def folder(path: Path, content: str, file: str = "manifest.json") -> Path:
    path.mkdir(parents=True)
    (path / file).write_text(content, encoding="utf-8")
    return path


def dated(day: int) -> str:
    return json.dumps({"created_at": f"2026-11-{day:02}T10:00:00+00:00"})


def test_the_newest_is_the_one_that_was_begun_last_whatever_was_written_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    old = folder(Path("runs/b"), dated(3))
    new = folder(Path("runs/a"), dated(20))
    rated = folder(Path("runs/c"), dated(11), "ratings.json")
    broken = folder(Path("runs/d"), "{")
    undated = folder(Path("runs/e"), "[]")
    Path("runs/f").mkdir()
    Path("runs/note.txt").write_text("no run", encoding="utf-8")
    os.utime(old / "manifest.json", (2e9, 2e9))
    assert runs_in(Path("runs")) == [new, rated, old, undated, broken]
    assert run_path("latest") == new
    assert run_path("runs/b") == Path("runs/b")


def test_a_folder_called_latest_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder(Path("runs/a"), dated(1))
    folder(Path("latest"), dated(2))
    assert run_path("latest") == Path("latest")


def test_latest_of_nothing_is_an_error_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no run in runs/ — begin one with 'adaem run'"):
        run_path("latest")
