"""``adaem runs``: finished runs by hand-set dates and costs, odd folders beside them, and the list as JSON."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from adaem.records import RunFolder
from finished_runs import FinishedRuns

Command = Callable[..., tuple[int, str, str]]

PRICE = {"input": 1.0, "output": 2.0}


@pytest.fixture
def runs(tmp_path: Path, finished_runs: FinishedRuns, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where ``first`` is older than ``later``."""
    monkeypatch.chdir(tmp_path)
    for name, day in (("first", "03"), ("later", "04")):
        folder = finished_runs.copy(tmp_path / "runs" / name, questions=4, budget__calls=1500)
        change(folder, created_at=f"2026-05-{day}T10:20:30+00:00")
    return tmp_path / "runs"


def change(folder: RunFolder, **fields: Any) -> None:
    folder.write_manifest(folder.read_manifest().model_copy(update=fields))


def with_prices(folder: RunFolder, *costs: float) -> None:
    """Gives a member a price, and as many calls the cost; the others, as calls to models without a price, have none."""
    manifest = json.loads(folder.manifest_path.read_text(encoding="utf-8"))
    manifest["pool"]["members"][0]["price"] = PRICE
    manifest["pool"]["currency"] = "EUR"
    folder.manifest_path.write_text(json.dumps(manifest), encoding="utf-8")
    with closing(sqlite3.connect(folder.records_path, isolation_level=None)) as records:
        ids = [row[0] for row in records.execute("SELECT id FROM calls ORDER BY id LIMIT ?", (len(costs),))]
        records.execute("UPDATE calls SET cost = NULL")
        records.executemany("UPDATE calls SET cost = ? WHERE id = ?", zip(costs, ids, strict=True))


def table(out: str) -> list[list[str]]:
    """The cells of a list in which each run is one line."""
    return [line.split() for line in out.partition("\n\n")[0].splitlines()]


def files(place: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in place.rglob("*") if path.is_file()}


def test_the_newest_is_first_and_a_cost_that_nobody_knows_is_no_zero(runs: Path, adaem: Command) -> None:
    with_prices(RunFolder(runs / "first"), 1.25, 2.5)
    before = files(runs)
    code, out, err = adaem("runs")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    assert table(out)[1:] == [
        ["runs/later", "run", "finished", "6", "simulated", "4", "–", "2026-05-04", "10:20"],
        ["runs/first", "run", "finished", "6", "simulated", "4", "3.75", "EUR*", "2026-05-03", "10:20"],
    ]
    assert "* Some calls went to models without a price" in out
    assert files(runs) == before
    report = json.loads(adaem("report", "runs/first", "--json")[1])
    answering = len(report["results"]["asked"]["models"])
    assert (report["cost"], report["questions_published"], answering) == (3.75, 4, 6)  # one figure everywhere
    with_prices(RunFolder(runs / "later"))
    assert table(adaem("runs", "runs/later")[1])[1][-3] == "–"  # one with a price, who was not asked


def test_odd_folders_are_rows_or_lines_and_each_path_can_be_pasted(
    runs: Path, finished_runs: FinishedRuns, adaem: Command
) -> None:
    hostile = "two words\n\x1b[31m\u202e"
    small = {"questions": 4, "budget__calls": 1500}
    for name in (hostile, "-dash", "y" * 90, "killed", "unfit", "linked"):
        finished_runs.copy(runs / name, **small)
    change(RunFolder(runs / "killed"), status="running")
    (runs / "unfit" / "manifest.json").write_text("{", encoding="utf-8")
    (runs / "linked" / "out").symlink_to("/etc/hostname")
    (runs / "later" / "run.sqlite").write_text("no database")
    if os.name != "nt":
        finished_runs.copy(runs / os.fsdecode(b"m\xfcde"), **small)
    code, out, err = adaem("runs")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert "\u202e" not in out
    lines = out.splitlines()
    figures = {path: row.split() for path, row in zip(lines[2::2], lines[3::2], strict=False) if row[:2] == "  "}
    assert max(len(line) for line in lines if "y" * 90 not in line) <= 80
    assert "'runs/two words��[31m�'" in figures
    assert figures[f"runs/{'y' * 90}"][:2] == ["run", "finished"]
    assert figures["runs/killed"][1:3] == ["cut", "off"]
    assert figures["runs/unfit"][0] == figures["runs/linked"][0] == "unreadable"
    assert figures["runs/later"][4] == "–"
    for problem in ("unfit/manifest.json: is damaged", "linked/out: is a link", "later/run.sqlite: cannot be read"):
        assert f"runs/{problem}" in " ".join(out.split())
    os.chdir(runs)
    pasted = [shlex.split(line)[0] for line in adaem("runs", ".")[1].splitlines() if line.startswith("./-")]
    assert pasted == ["./-dash"]
    assert adaem("report", *pasted, "--json")[0] == 0


def test_json_has_every_figure_as_it_is(runs: Path, adaem: Command) -> None:
    with_prices(RunFolder(runs / "first"), 0.125)
    code, out, err = adaem("runs", "runs/later", "runs", "--json")
    assert (code, err) == (0, "")
    later, first = json.loads(out)["runs"]  # each once, though two roots lead to one of them
    assert first == {
        "path": "runs/first",
        "kind": "run",
        "state": "finished",
        "simulated": True,
        "models": first["models"],
        "questions": 4,
        "begun": "2026-05-03T10:20:30+00:00",
        "cost": 0.125,
        "currency": "EUR",
        "unpriced": first["unpriced"],
        "problem": "",
    }
    assert len(first["models"]) == 6
    assert 0 < first["unpriced"] <= 1500
    assert (later["path"], later["cost"], later["currency"]) == ("runs/later", None, None)


def test_no_run_is_one_line(tmp_path: Path, adaem: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in ([], ["."]):
        code, out, err = adaem("runs", *arguments)
        assert (code, err, out.count("\n")) == (0, "", 1)
        assert out.startswith("No run is here yet: 'adaem run' makes one")
    assert json.loads(adaem("runs", "--json")[1]) == {"runs": []}
    code, out, err = adaem("runs", "nowhere")
    assert (code, out) == (2, "")
    assert err == "adaem: nowhere: is no folder — name the folder of a run, or one that holds runs\n"
