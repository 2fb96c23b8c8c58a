"""One contract for every memory: the in-memory one, Chroma in a folder and Chroma on a server run the same tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from adaem.domain.errors import InputError
from adaem.memory.chroma_memory import Memory
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.in_memory import InMemory
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate, Thresholds
from adaem.memory.question_memory import QuestionMemory
from adaem.memory.standings import Standing, StandingChange, latest, standing_of
from chroma_server import chroma_server, emptied

EMBEDDER = HashingEmbedder()
NORWAY = (
    "In Norway, where overtime was capped in 2021, is it right to work overtime for a higher salary "
    "if it costs the family its free evenings?"
)
MEAT = "Should Kenya's schools stop serving meat once a week to spare the climate?"
VOTE = "Is it right to fine citizens of Brazil who do not vote?"


def item(identifier: str, text: str, score: float | None = None) -> Remembered:
    return Remembered(id=identifier, text=text, topic_id="t1", topic="A topic?", run_id="r1", score=score)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(params=["in-memory", "folder", "server"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[QuestionMemory]:
    made: QuestionMemory
    if request.param == "in-memory":
        made = InMemory(EMBEDDER)
    else:
        place = tmp_path / "m" if request.param == "folder" else request.getfixturevalue("server")
        made = Memory.open(place, EMBEDDER, "schwartz")
    yield made
    made.close()
    made.close()
    if request.param == "server":
        emptied(str(place))


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
    monkeypatch.setattr("adaem.memory.chroma_memory.BATCH", 7)
    monkeypatch.setattr("adaem.memory.chroma_memory.ROWS_A_PAGE", 5)
    monkeypatch.setattr("adaem.memory.vector_search.VECTORS_A_PAGE", 4)
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


def test_of_many_that_are_alike_none_is_lost(memory: QuestionMemory) -> None:
    """Chroma's own graph finds two thirds of these."""
    texts = [f"Should number {number} be asked?" for number in range(300)]
    for start in range(0, len(texts), 12):
        memory.remember([item(f"q{number:03}", texts[number]) for number in range(start, start + 12)])
    assert [found[0].text for found in memory.nearest(texts, 1)] == texts
    memory.forget([f"q{number:03}" for number in range(0, 300, 2)])
    assert [found[0].text for found in memory.nearest(texts[1::2], 1)] == texts[1::2]
    assert memory.count() == 150


def change(standing: Standing, at: str, subject: str = "t1", run_id: str = "") -> StandingChange:
    return StandingChange(kind="topic", subject=subject, standing=standing, why="so it is", run_id=run_id, at=at)


NOW, BEHIND, AHEAD = (f"2026-11-24T{hour}:00:00" for hour in (12, 11, 13))


@pytest.mark.parametrize(("first", "second"), [(AHEAD, NOW), (NOW, BEHIND), (AHEAD, BEHIND), (NOW, NOW), (NOW, AHEAD)])
def test_the_last_word_is_that_of_who_spoke_last_whatever_the_clocks(
    memory: QuestionMemory, first: str, second: str
) -> None:
    withdrawn, restored = change(Standing.WITHDRAWN, first), change(Standing.USED, second)
    memory.note([withdrawn])
    assert standing_of(memory.changes(), "topic", "t1") is Standing.WITHDRAWN
    memory.note([restored])
    assert [each.id for each in memory.changes()] == [withdrawn.id, restored.id]
    assert standing_of(memory.changes(), "topic", "t1") is Standing.USED


def test_the_log_is_in_the_order_of_noting_and_numbered(
    memory: QuestionMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adaem.memory.change_log.BATCH", 3)
    monkeypatch.setattr("adaem.memory.change_log.CHANGES_A_PAGE", 2)
    minutes = [30, 10, 50, 10, 0, 40, 20]
    changes = [change(Standing.USED, f"2026-11-24T12:{minute:02}:00", f"t{n}") for n, minute in enumerate(minutes)]
    memory.note(changes[:5])
    for each in changes[5:]:
        memory.note([each])
    assert [(each.id, each.counter) for each in memory.changes()] == [
        (each.id, place) for place, each in enumerate(changes, start=1)
    ]


def test_what_is_noted_again_keeps_its_place(memory: QuestionMemory) -> None:
    """A run that goes on notes its changes again; a person has spoken meanwhile."""
    by_run, by_person = change(Standing.USED, NOW, run_id="r1"), change(Standing.WITHDRAWN, NOW)
    memory.note([by_run])
    memory.note([by_person])
    before = memory.changes()
    memory.note([by_run, by_person])
    assert memory.changes() == before
    assert latest(before)["topic", "t1"].standing is Standing.WITHDRAWN
