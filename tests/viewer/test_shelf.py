"""Folders that are listed whatever stands beside them: names that are no text, and folders that may not be entered."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.viewer.shelf import Shelf
from finished_runs import FinishedRuns
from viewing import viewing

Command = Callable[..., tuple[int, str, str]]

LATIN = os.fsdecode(b"m\xfcde")
"""A name in Latin-1, as old archives unpack it."""


@pytest.fixture
def run(tmp_path: Path, finished_runs: FinishedRuns) -> Path:
    return finished_runs.copy(tmp_path / "runs" / "first", questions=4, budget__calls=1500).path


@pytest.mark.skipif(os.name == "nt", reason="there every name is text")
def test_a_name_that_is_no_text_has_an_address(run: Path) -> None:
    try:
        shutil.copytree(run, run.with_name(LATIN))
    except OSError:
        pytest.skip("this file system takes names in UTF-8 alone")
    with viewing(run.parent) as view:
        listed = view.get("/")
        assert listed.status == 200
        assert 'href="/run/m%EF%BF%BDde"' in listed.text
        for page in ("", "/questions", "/trace"):
            assert view.get(f"/run/m%EF%BF%BDde{page}").status == 200


def test_a_folder_that_may_not_be_entered_is_passed_over(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = run.with_name("locked")
    locked.mkdir()
    forbid(monkeypatch, locked)
    assert [entry.key for entry in Shelf([run.parent, locked]).entries()] == ["first"]


def test_a_problem_that_is_gone_is_shown_no_longer(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf([run.parent])
    with monkeypatch.context() as patched:
        patched.setattr("adaem.records.folder.read_bytes", refuse)
        assert "is not a run" in shelf.entries()[0].problem
    assert not shelf.entries()[0].problem


def test_a_run_without_its_records_is_one_message(run: Path) -> None:
    (run / "run.sqlite").unlink()
    with viewing(run) as view:
        reply = view.get("/run/first")
        assert reply.status == 422
        assert "run.sqlite: No such file or directory.</p>" in reply.text
        assert "no such page.</p>" in view.get("/nothing").text


def test_of_ratings_the_list_keeps_counts_and_the_page_shows_all(tmp_path: Path, adaem: Command) -> None:
    rows = [{"id": 1, "model": model, "trait": "Order", "r": 3} for model in ("okapi", "zebra")]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    given = ("--ratings", "r", "--scale", "1", "7", "--map", "question_id=id", "--map", "value=trait")
    assert adaem("import", tmp_path / "rows.jsonl", *given, "--out", tmp_path / "runs" / "rated")[0] == 0
    (entry,) = Shelf([tmp_path / "runs"]).entries()
    assert entry.ratings is not None
    assert (entry.ratings.values, entry.ratings.models, entry.ratings.items) == (1, ("okapi", "zebra"), 1)
    with viewing(tmp_path / "runs") as view:
        assert "1 value<" in view.get("/").text
        assert "okapi" in view.get("/run/rated").text


def refuse(*_: object) -> bytes:
    raise PermissionError(13, "Permission denied")


def forbid(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """As the system does for a folder without the right to enter it, for the superuser, too."""

    def guarded(real: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
        def stat(path: Path, **options: bool) -> os.stat_result:
            if folder in path.parents:
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, **options)

        return stat

    monkeypatch.setattr(Path, "stat", guarded(Path.stat))
