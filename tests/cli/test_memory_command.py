"""``adaem memory``: what is remembered is counted, listed, searched, shown and checked; nothing is changed by it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.in_memory import InMemory
from adaem.memory.inspection import inspect
from adaem.memory.items import Remembered

Command = Callable[..., tuple[int, str, str]]

TEXTS = (
    "Should cities close their centres to private cars?",
    "Is it right to work overtime for a higher salary?",
    "May a museum keep what was taken in a war?",
)
HOSTILE = "Is [red]this\x1b[31m\u202e right?"


def item(number: int, text: str, score: float | None = 0.5) -> Remembered:
    return Remembered(
        id=f"r{number % 2}/q{number}",
        text=text,
        topic_id=f"t{number}",
        topic=f"T{number}?",
        run_id=f"r{number % 2}",
        score=score,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("memory") / "shared"
    with Memory.open(place, HashingEmbedder(), "schwartz") as memory:
        memory.remember([item(number, text, number / 10) for number, text in enumerate(TEXTS)])
        memory.remember([item(9, HOSTILE, None)])
    return place


def test_stats_count_by_run_and_topic(adaem: Command, folder: Path) -> None:
    code, shown, told = adaem("memory", "stats", folder, "--json")
    assert (code, told) == (0, "")
    found = json.loads(shown)
    assert (found["questions"], found["scored"], found["runs"]) == (4, 3, {"r0": 2, "r1": 2})
    assert found["mean_score"] == pytest.approx(0.1)
    code, shown, _ = adaem("memory", "stats", folder)
    assert "4 questions from 4 topics, asked by 2 runs" in shown
    assert "3 with a search score, on average +0.100 bits; 1 without" in shown


def test_list_has_the_best_first_and_those_without_a_score_last(adaem: Command, folder: Path) -> None:
    found = json.loads(adaem("memory", "list", folder, "--json")[1])
    assert [each["id"] for each in found["questions"]] == ["r0/q2", "r1/q1", "r0/q0", "r1/q9"]
    one = json.loads(adaem("memory", "list", folder, "--topic", "t1", "--json")[1])
    assert [each["text"] for each in one["questions"]] == [TEXTS[1]]
    code, shown, _ = adaem("memory", "list", folder, "--most", 2)
    assert code == 0
    assert "2 of 4 questions" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_what_models_wrote_cannot_steer_the_terminal(adaem: Command, folder: Path) -> None:
    for arguments in (["list", folder], ["show", folder, "r1/q9"], ["search", folder, "Is this right?"]):
        code, shown, _ = adaem("memory", *arguments)
        assert code == 0
        assert "[red]this" in shown
        assert not {"\x1b", "\u202e"} & set(shown)


def test_search_finds_what_is_like_a_text_and_says_what_the_gate_would(adaem: Command, folder: Path) -> None:
    found = json.loads(adaem("memory", "search", folder, TEXTS[0].upper(), "--json")[1])
    assert (found["novel"], found["reason"]) == (False, "equal")
    assert found["neighbours"][0]["id"] == "r0/q0"
    found = json.loads(adaem("memory", "search", folder, "Who owns the moon?", "--most", 2, "--json")[1])
    assert found["novel"]
    assert len(found["neighbours"]) == 2
    assert "it would be refused" in adaem("memory", "search", folder, TEXTS[0])[1]


def test_show_one_question_and_offer_near_ids(adaem: Command, folder: Path) -> None:
    code, shown, _ = adaem("memory", "show", folder, "r0/q2")
    assert code == 0
    assert TEXTS[2] in shown
    assert "t2: T2?" in shown
    code, shown, told = adaem("memory", "show", folder, "r0/q")
    assert (code, shown) == (2, "")
    assert "no question or topic has the id 'r0/q' — did you mean r0/q" in told


def test_check_finds_what_is_lost_and_what_is_doubled(adaem: Command, folder: Path, tmp_path: Path) -> None:
    code, shown, _ = adaem("memory", "check", folder)
    assert (code, shown.strip()) == (0, "4 questions: 0 lost, 0 asked twice")
    doubled = tmp_path / "doubled"
    shutil.copytree(folder, doubled)
    with Memory.open(doubled, HashingEmbedder(), "schwartz") as memory:
        memory.remember([item(20, f"  {TEXTS[0].upper()} ")])
    code, shown, _ = adaem("memory", "check", doubled, "--json")
    assert code == 1
    assert json.loads(shown) == {"questions": 5, "lost": [], "doubled": [["r0/q0", "r0/q20"]]}


def test_a_vector_that_no_search_finds_is_lost() -> None:
    class Broken(InMemory):
        def nearest(self, texts, count):  # type: ignore[no-untyped-def]
            return [
                [] if text == TEXTS[1] else found
                for text, found in zip(texts, super().nearest(texts, count), strict=True)
            ]

    memory = Broken(HashingEmbedder())
    memory.remember([item(number, text) for number, text in enumerate(TEXTS)])
    heard: list[int] = []
    found = inspect(memory, heard.append)
    assert [each.text for each in found.lost] == [TEXTS[1]]
    assert not found.sound
    assert heard == [3]


def test_a_runs_folder_stands_for_its_memory(adaem: Command, folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(folder, run / "memory")
    (run / "manifest.json").write_text("{}", encoding="utf-8")
    assert json.loads(adaem("memory", "stats", run, "--json")[1])["questions"] == 4


def test_wrong_folders_are_one_line_and_stay_as_they_were(adaem: Command, folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    own = tmp_path / "own"
    shutil.copytree(folder, own)
    with Memory.open(own, HashingEmbedder(), "schwartz") as memory:
        stamped = memory._collection
        stamped.modify(metadata={**stamped.metadata, "adaem_embedder": "mine/1"})
        locked = adaem("memory", "stats", own)
    for code, shown, told in (
        adaem("memory", "stats", empty),
        adaem("memory", "check", tmp_path / "nowhere"),
        adaem("memory", "list", own),
        locked,
    ):
        assert (code, shown) == (2, "")
        assert told.count("\n") == 1
    assert "does not exist" in adaem("memory", "stats", empty)[2]
    assert "an embedder that is not part of adaem (mine/1) — name it: --embedder" in adaem("memory", "list", own)[2]
    assert "another process has it open" in locked[2]
    assert "its embedder is 'mine/1'" in adaem("memory", "list", own, "--embedder", "hashing")[2]
    assert list(empty.iterdir()) == []
    assert not (tmp_path / "nowhere").exists()
