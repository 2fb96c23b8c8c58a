"""The novelty gate by hand: which neighbours make a duplicate, lineage, one round's candidates, and equality."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from adaem.domain.settings import Novelty
from adaem.memory.embedders.embedder import Vectors
from adaem.memory.equality import LONGEST_TEXT, normalised
from adaem.memory.in_memory import InMemory
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate, Thresholds, too_similar
from adaem.memory.text_index import TextIndex
from adaem.memory.topic_neighbours import topic_neighbours
from hypothesis import given
from hypothesis import strategies as st

THRESHOLDS = Thresholds(nearest=0.9, mean_of_three=0.8)


class Angles:
    """The last number in a text is its angle in degrees: the similarity of two texts is the cosine between them."""

    name, fingerprint, dimension, nearest, mean_of_three, note = "angles", "angles/1", 2, 0.9, 0.8, ""

    def embed(self, texts: Sequence[str]) -> Vectors:
        angles = np.radians([float(re.findall(r"\d+", text)[-1]) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def item(identifier: str, text: str) -> Remembered:
    return Remembered(id=identifier, text=text, topic_id="t", topic="T?", run_id="r")


def gate(*texts: str, thresholds: Thresholds = THRESHOLDS) -> NoveltyGate:
    memory = InMemory(Angles())
    memory.remember([item(text.split()[0], text) for text in texts])
    return NoveltyGate(memory, thresholds)


@pytest.mark.parametrize(
    ("similarities", "reason"),
    [
        ([], ""),
        ([0.9], ""),
        ([0.1, 0.901], "nearest"),
        ([0.85, 0.85], ""),
        ([0.85, 0.85, 0.85], "mean_of_three"),
        ([0.85, 0.85, 0.60], ""),
        ([0.1, 0.85, 0.2, 0.85, 0.85], "mean_of_three"),
        ([0.95, 0.95, 0.95], "nearest"),
        ([-1.0, -1.0, -1.0], ""),
    ],
)
def test_which_similarities_make_a_duplicate(similarities: list[float], reason: str) -> None:
    assert too_similar(similarities, THRESHOLDS) == reason


@given(st.lists(st.floats(-1, 1), max_size=6), st.randoms())
def test_the_order_of_neighbours_does_not_matter(similarities: list[float], random: object) -> None:
    assert too_similar(similarities[::-1], THRESHOLDS) == too_similar(similarities, THRESHOLDS)


@given(st.lists(st.floats(-1, 1), max_size=6), st.floats(0, 1))
def test_a_further_neighbour_never_makes_a_duplicate_novel(similarities: list[float], further: float) -> None:
    if too_similar(similarities, THRESHOLDS):
        assert too_similar([*similarities, further], THRESHOLDS)


def test_thresholds_come_from_the_embedder_unless_set() -> None:
    assert Thresholds.of(Angles()) == THRESHOLDS
    assert Thresholds.of(Angles(), Novelty(nearest=0.0)) == Thresholds(nearest=0.0, mean_of_three=0.8)
    assert Thresholds.of(Angles(), Novelty(mean_of_three=0.5)) == Thresholds(nearest=0.9, mean_of_three=0.5)


def test_nearest_rule() -> None:
    # cos 20° = 0.940, cos 30° = 0.866
    assert gate("a 0").check("new 20").reason == "nearest"
    verdict = gate("a 0", "b 90").check("new 30")
    assert verdict.novel
    assert [(near.id, round(near.similarity, 3)) for near in verdict.neighbours] == [("a", 0.866), ("b", 0.5)]


def test_mean_of_three_rule() -> None:
    # cos 28° = 0.883 thrice; with the third at 62° (0.469) the mean is 0.745
    assert gate("a 0", "b 0", "c 0").check("new 28").reason == "mean_of_three"
    assert gate("a 0", "b 0", "c 90").check("new 28").novel
    assert gate("a 0", "b 0").check("new 28").novel


def test_lineage_is_as_if_not_remembered() -> None:
    lone = gate("a 0", "b 1", "c 180", "d 90")
    assert lone.check("new 0", ignore=["a"]).neighbours[0].id == "b"
    verdict = lone.check("new 0", ignore=("a", "b", "unknown"))
    assert verdict.novel
    assert [near.id for near in verdict.neighbours] == ["d", "c"]


def test_equal_text_comes_before_likeness_and_names_the_equal() -> None:
    verdict = gate("a 0", "b 5", "c 3").check("B, 5!")
    assert (verdict.novel, verdict.reason, verdict.neighbours[0].id) == (False, "equal", "b")
    assert gate("a 0", thresholds=Thresholds(1.0, 1.0)).check("A 0.").reason == "equal"
    own = gate("a 0", thresholds=Thresholds(1.0, 1.0)).check("A 0.", ignore={"a"})
    assert own.reason == "equal", "a rewrite that comes back to its parent's words is not asked again"


@pytest.mark.parametrize("text", ["", "   ", "?!", "\x00\u200b"])
def test_a_candidate_without_words_is_not_novel(text: str) -> None:
    verdict = gate("a 0").check(text)
    assert (verdict.novel, verdict.reason, verdict.neighbours) == (False, "empty", ())


def test_one_round_keeps_the_first_of_each() -> None:
    texts = ["p 0", "q 20", "r 40", "s 60", "P 0!", "t 180"]
    candidates = [item(text.split()[0], text) for text in texts]
    # q falls to p; r (40° from p) stays because q was dropped; s is 20° from r.
    verdicts = gate().first_of_each(candidates[:4] + candidates[5:])
    assert [verdict.reason for verdict in verdicts] == ["", "nearest", "", "nearest", ""]
    assert [near.id for near in verdicts[1].neighbours] == ["p"]
    assert [near.id for near in verdicts[3].neighbours] == ["r", "p"]
    assert gate().first_of_each([]) == []


def test_one_round_refuses_equal_and_empty_texts_and_the_mean() -> None:
    candidates = [item("a", "a 0"), item("x", "A - 0"), item("e", "e 0")]
    loose = gate(thresholds=Thresholds(1.0, 0.8))
    texts = [*candidates, item("b", "b 10"), item("c", "c 15")]
    assert [verdict.reason for verdict in loose.first_of_each(texts)] == ["", "equal", "", "", "mean_of_three"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is it right?", "is  it\nRIGHT"),
        ("ﬁne — “quoted”, well-known", 'fine "quoted" well known'),
        ("Don't", "dont"),
        ("Straße", "STRASSE"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("cafe\u0301", "CAFÉ"),
        ("zero\u200bwidth \u202eright-to-left\u202c", "zerowidth right to left"),
        ("a\x00b\x1bc", "a b c"),
        ("¿Está bien?", "está bien"),
        ("这对吗？", "这对吗"),
    ],
)
def test_equal_after_normalisation(one: str, other: str) -> None:
    assert normalised(one) == normalised(other) != ""


@pytest.mark.parametrize(("one", "other"), [("2021", "2022"), ("right", "wrong"), ("costs $5", "costs €5"), ("é", "e")])
def test_different_after_normalisation(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text(max_size=80))
def test_normalisation_is_idempotent_and_case_blind(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once
    assert once == once.strip()


def test_huge_texts_are_compared_by_their_beginning() -> None:
    assert len(normalised("x" * 200_000)) == LONGEST_TEXT
    assert len(normalised("a" + "\u0301\u0316" * 100_000)) <= LONGEST_TEXT


def test_text_index_forgets_what_an_id_stood_for(tmp_path: Path) -> None:
    index = TextIndex(tmp_path / "texts.sqlite")
    index.put([("a", "One?"), ("b", "one")])
    assert index.ids_of("ONE") == ("a", "b")
    index.put([("a", "Two")])
    assert (index.ids_of("one"), index.ids_of("two!"), index.ids_of("three")) == (("b",), ("a",), ())
    index.drop(["b", "never there"])
    assert (index.ids_of("one"), len(index)) == ((), 1)
    index.close()


def test_text_index_is_kept_and_one_that_cannot_be_read_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "texts.sqlite"
    index = TextIndex(file)
    index.put([("a", "One?")])
    index.close()
    again = TextIndex(file)
    assert again.ids_of("one") == ("a",)
    again.close()
    file.write_bytes(b"no database" * 100)
    anew = TextIndex(file)
    assert len(anew) == 0
    anew.close()


def test_topic_neighbours_by_hand() -> None:
    indices, similarity = topic_neighbours(["a 0", "b 60", "c 90"], Angles(), 3)
    assert indices.tolist() == [[1, 2, -1], [2, 0, -1], [1, 0, -1]]
    assert similarity[:, :2] == pytest.approx(np.cos(np.radians([[60, 90], [30, 60], [30, 90]])), abs=1e-6)
    assert (similarity[:, 2] == 0).all()


@pytest.mark.parametrize(("texts", "count"), [([], 3), (["a 0"], 2), (["a 0", "b 1"], 0)])
def test_topic_neighbours_of_few(texts: list[str], count: int) -> None:
    indices, similarity = topic_neighbours(texts, Angles(), count)
    assert indices.shape == similarity.shape == (len(texts), count)
    assert indices.dtype == np.int64
    assert (indices == -1).all()


def test_topic_neighbours_do_not_depend_on_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"t {angle}" for angle in (0, 7, 7, 100, 200, 345, 350)]
    whole = topic_neighbours(texts, Angles(), 4)
    monkeypatch.setattr("adaem.memory.topic_neighbours.TOPIC_BLOCK", 2)
    blocks = topic_neighbours(texts, Angles(), 4)
    assert np.array_equal(whole[0], blocks[0])
    assert np.allclose(whole[1], blocks[1], atol=1e-6)
    assert whole[0][1, 0] == 2
