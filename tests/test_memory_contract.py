"""One contract for every memory: the in-memory one and Chroma on disk run the same tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from adaem.domain.errors import InputError
from adaem.memory.hashing_embedder import HashingEmbedder
from adaem.memory.in_memory import InMemory
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate, Thresholds
from adaem.memory.protocol import QuestionMemory
from adaem.memory.store import Memory

EMBEDDER = HashingEmbedder()
NORWAY = (
    "In Norway, where overtime was capped in 2021, is it right to work overtime for a higher salary "
    "if it costs the family its free evenings?"
)
MEAT = "Should Kenya's schools stop serving meat once a week to spare the climate?"
VOTE = "Is it right to fine citizens of Brazil who do not vote?"


def item(identifier: str, text: str, score: float | None = None) -> Remembered:
    return Remembered(id=identifier, text=text, topic_id="t1", topic="A topic?", run_id="r1", score=score)


@pytest.fixture(params=["in-memory", "chroma"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[QuestionMemory]:
    made: QuestionMemory
    made = InMemory(EMBEDDER) if request.param == "in-memory" else Memory.open(tmp_path / "m", EMBEDDER, "schwartz")
    yield made
    made.close()
    made.close()


def test_an_empty_memory_answers(memory: QuestionMemory) -> None:
    assert memory.count() == 0
    assert memory.nearest([NORWAY, MEAT], 3) == [[], []]
    assert memory.nearest([], 3) == []
    assert list(memory.all_items()) == memory.get(["x"]) == memory.get([]) == []
    assert not memory.contains_text(NORWAY)
    memory.remember([])
    assert memory.count() == 0


def test_what_was_remembered_comes_back_whole(memory: QuestionMemory) -> None:
    items = [item("a", NORWAY, 0.25), item("b", MEAT), item("c", VOTE, -0.5)]
    memory.remember(items)
    assert memory.get(["c", "zz", "a", "c"]) == [items[2], items[0]]
    assert sorted(memory.all_items(), key=lambda found: found.id) == items


def test_nearest_are_ordered_with_their_cosines(memory: QuestionMemory) -> None:
    memory.remember([item("a", NORWAY, 0.25), item("b", MEAT), item("c", VOTE)])
    (first,), found = memory.nearest([MEAT], 1)[0], memory.nearest([NORWAY], 9)[0]
    assert (first.id, first.text, first.similarity) == ("b", MEAT, pytest.approx(1.0, abs=1e-5))
    assert found[0].id == "a"
    assert len(found) == 3
    vectors = EMBEDDER.embed([NORWAY, *(neighbour.text for neighbour in found)])
    assert [neighbour.similarity for neighbour in found] == pytest.approx(list(vectors[1:] @ vectors[0]), abs=1e-5)
    assert [n.similarity for n in found] == sorted((n.similarity for n in found), reverse=True)
    assert found[0].score == 0.25
    assert memory.nearest([NORWAY], 0) == [[]]


def test_equally_near_are_ordered_by_id(memory: QuestionMemory) -> None:
    memory.remember([item(identifier, NORWAY) for identifier in "cab"])
    assert [neighbour.id for neighbour in memory.nearest([NORWAY], 3)[0]] == ["a", "b", "c"]


def test_remembering_twice_changes_nothing_and_a_known_id_is_replaced(memory: QuestionMemory) -> None:
    memory.remember([item("a", NORWAY, 0.5), item("b", MEAT)])
    memory.remember([item("a", NORWAY, 0.5), item("b", MEAT)])
    assert memory.count() == 2
    memory.remember([item("a", MEAT, 0.5), item("a", VOTE)])
    assert memory.get(["a"]) == [item("a", VOTE)]
    assert memory.count() == 2
    assert memory.nearest([VOTE], 1)[0][0].id == "a"
    assert (memory.ids_of_text(NORWAY), memory.ids_of_text(VOTE)) == ((), ("a",))


def test_equality_is_of_normalised_texts(memory: QuestionMemory) -> None:
    memory.remember([item("b", "Don't you agree?"), item("a", "DONT YOU — agree"), item("c", "Do you agree?")])
    assert memory.ids_of_text("  don’t\tyou agree!!! ") == ("a", "b")
    assert memory.contains_text("do\u200b you agree")
    assert not memory.contains_text("do you disagree")


@pytest.mark.parametrize("text", ["", "  \n", "???", "\u200b\x00", "\u202e"])
def test_a_text_without_words_is_refused_and_nothing_kept(memory: QuestionMemory, text: str) -> None:
    with pytest.raises(InputError, match="'bad'"):
        memory.remember([item("good", NORWAY), item("bad", text)])
    assert memory.count() == 0


@pytest.mark.parametrize(
    "text", ["a\x00b\x1b[31m", "لا إله \u202eabc", "\ud800 lone", "w " * 100_000, "😀", "'; DROP TABLE"]
)
def test_hostile_texts_are_kept_and_found(memory: QuestionMemory, text: str) -> None:
    memory.remember([item("a", NORWAY), item("hostile", text)])
    found = memory.nearest([text], 1)[0][0]
    assert (found.id, found.similarity) == ("hostile", pytest.approx(1.0, abs=1e-5))
    assert memory.contains_text(text)
    verdict = NoveltyGate(memory, Thresholds.of(EMBEDDER)).check(text)
    assert verdict.reason == "equal"


def test_many_are_kept_in_batches_and_read_in_pages(memory: QuestionMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adaem.memory.store.BATCH", 7)
    monkeypatch.setattr("adaem.memory.store.ROWS_A_PAGE", 5)
    items = [item(f"q{number:02}", f"Is it right to do thing number {number} again?") for number in range(30)]
    memory.remember(items)
    assert sorted(memory.all_items(), key=lambda found: found.id) == items
    assert memory.get([one.id for one in items]) == items
    assert len(memory.nearest([NORWAY], 100)[0]) == 30


def test_the_gate_on_a_real_memory(memory: QuestionMemory) -> None:
    gate = NoveltyGate(memory, Thresholds.of(EMBEDDER))
    assert gate.check(NORWAY).novel
    memory.remember([item("a", NORWAY), item("b", MEAT)])
    copy = NORWAY.replace("capped", "limited")
    assert (gate.check(NORWAY.upper()).reason, gate.check(copy).reason) == ("equal", "nearest")
    assert gate.check(copy).neighbours[0].id == "a"
    assert gate.check(copy, ignore=["a"]).novel
    assert gate.check(VOTE).novel
