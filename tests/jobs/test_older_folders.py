"""Run folders that an earlier version wrote still open: one that was finished, and one that was killed in a round.

``older_folders.tar.xz`` holds both, of one seed and one budget of 400 calls to simulated models, as the program of
2026-11-30 wrote them before its modules moved into rooms.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adaem.records import RunFolder
from places import SUPPORT

Command = Callable[..., tuple[int, str, str]]

VERBS = (
    ["report", "finished", "--full"],
    ["report", "stopped", "--json"],
    ["trace", "finished"],
    ["trace", "stopped", "--json"],
    ["diff", "finished", "stopped"],
    ["memory", "check", "finished"],
    ["export", "finished", "--to", "csv", "--out", "tables"],
    ["run", "--replay", "finished", "--out", "replayed"],
)


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with tarfile.open(SUPPORT / "older_folders.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


LATER_RULES = ("created_at", "search_score", "rank", "published")
LATER_TERMS = ("interval", "shrunken", "shrunken_interval")
"""What later versions come to otherwise: a judgement whose one label was invalid found no value then; intervals were
wider; and a score of other models than most questions have now ranks after theirs."""


def lines(folder: Path) -> list[dict[str, Any]]:
    """``questions.jsonl`` by id, what was asked and measured, numbers to twelve digits."""
    text = (folder / "questions.jsonl").read_text(encoding="utf-8")
    read = [json.loads(line, parse_float=lambda number: float(f"{float(number):.12g}")) for line in text.splitlines()]
    comparable = [{key: value for key, value in line.items() if key not in LATER_RULES} for line in read]
    for line in comparable:
        line["score"] = {key: value for key, value in line["score"].items() if key not in LATER_TERMS}
    return sorted(comparable, key=lambda line: str(line["id"]))


@pytest.mark.parametrize("arguments", VERBS, ids=lambda arguments: " ".join(arguments[:2]))
def test_every_verb_reads_them(adaem: Command, folders: Path, arguments: list[str]) -> None:
    code, out, told = adaem(*arguments)
    assert code == 0, told
    assert out


@pytest.mark.slow
def test_a_killed_one_goes_on_to_what_the_finished_one_found(adaem: Command, folders: Path) -> None:
    assert not (folders / "stopped" / "questions.jsonl").exists()
    code, _, told = adaem("resume", "stopped")
    assert code == 0, told
    assert len(lines(folders / "stopped")) >= 2
    assert lines(folders / "stopped") == lines(folders / "finished")


def test_their_noise_floor_stays_and_evaluations_of_them_take_it_over(adaem: Command, folders: Path) -> None:
    """Their divergences are then not compared with those of another estimator."""
    few = ("--samples", 2, "-s", "search.permutations=99")
    code, _, told = adaem("evaluate", "finished", "--pool", "simulated", *few, "--out", "evaluated")
    assert code == 0, told
    for name in ("finished", "stopped", "evaluated"):
        assert RunFolder(folders / name).read_manifest().settings.search.noise_floor == "permuted"


@pytest.mark.parametrize("critic", ["overlap", "divergence"])
def test_a_run_with_the_earlier_parts_called_paper_is_replayed_as_it_was(
    adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, critic: str
) -> None:
    """Its manifest says "paper" where the parts are called otherwise by now."""
    monkeypatch.chdir(tmp_path)
    few = ("--calls", 700, "--questions", 2, "-s", "search.permutations=99")
    code, _, told = adaem("run", *few, "-s", f"agents.critic={critic}", "-s", "search.policy=ucb1", "--out", "then")
    assert code == 0, told
    manifest = json.loads((tmp_path / "then" / "manifest.json").read_text(encoding="utf-8"))
    del manifest["names_version"]
    manifest["settings"]["search"]["policy"] = "paper"
    manifest["settings"]["agents"]["critic"] = {"overlap": "paper"}.get(critic, critic)
    (tmp_path / "then" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    code, _, told = adaem("run", "--replay", "then", "--out", "again")
    assert code == 0, told
    assert len(lines(tmp_path / "again")) == 2
    assert lines(tmp_path / "again") == lines(tmp_path / "then")
    assert RunFolder(tmp_path / "again").read_manifest().settings.agents.critic == critic
