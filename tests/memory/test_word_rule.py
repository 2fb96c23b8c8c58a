"""The second look without a model, by hand: contradictions, what is not shared, and the order of words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from adaem.domain.settings import Novelty
from adaem.memory.embedders.embedder import Vectors
from adaem.memory.in_memory import InMemory
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate
from adaem.memory.second_look.contradictions import contradiction
from adaem.memory.second_look.language_words import LANGUAGES, language_of, language_words, words_of
from adaem.memory.second_look.word_rule import WordRule, is_one_move, unshared_words
from hypothesis import given
from hypothesis import strategies as st


class Meanings:
    """Each text's vector is the sum of its words' meanings: words of one group mean the same, all others differ."""

    name, fingerprint, dimension, nearest, mean_of_three, note = "meanings", "meanings/1", 64, 0.9, 0.8, ""
    candidates, unshared = 0.2, 0.5
    groups = ({"fire", "dismiss"}, {"worker", "employee"}, {"joke", "jest"})

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().strip("?").split():
                group = next((min(each) for each in self.groups if word in each), word)
                row[sum(group.encode()) % self.dimension] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


RULE = WordRule(Meanings(), unshared=0.5, whole=0.9)


@pytest.mark.parametrize(
    ("one", "other", "sign"),
    [
        ("Should votes be held at 16?", "Should votes be held at 18?", "numbers"),
        ("Should votes be held at sixteen?", "Should votes be held at 16?", ""),
        ("Should votes be held at 16 in May?", "Should votes be held in May?", ""),
        ("Should Norway tax fish?", "Should Chile tax fish?", "names"),
        ("Should Norway tax fish?", "Ought Norwegian fish to be taxed?", ""),
        ("Should France tax fish?", "Should French fish be taxed?", ""),
        ("Should a mayor obey the law?", "Should a mayor not obey the law?", "negation"),
        ("Should a mayor obey the law?", "Shouldn't a mayor obey the law?", "negation"),
        ("Should a clinic treat smokers with papers?", "Should a clinic treat smokers without papers?", "negation"),
        ("Is it right to work for a higher wage?", "Is it right to work for a lower wage?", "opposites"),
        ("Should cities ban cars?", "Should cities allow cars?", "opposites"),
        ("Is it right to read legal mail?", "Is it right to read illegal mail?", "opposites"),
        ("Is it wrong to eat meat?", "Is it right to eat meat?", ""),
        ("May the state fine who does not vote?", "Is a penalty for absence from polls legitimate?", ""),
        ("Sollten Städte Autos verbieten?", "Sollten Städte Autos erlauben?", "opposites"),
        ("Darf der Staat das Tempo begrenzen?", "Darf der Staat das Tempo nicht begrenzen?", "negation"),
        ("Sollte die Steuer in Hamburg steigen?", "Sollte die Steuer in Bayern steigen?", ""),
        ("¿Deben votar los de 16?", "¿Deben votar los de 18?", "numbers"),
        ("¿Debe votar Chile?", "¿No debe votar Chile?", ""),
    ],
)
def test_contradictions(one: str, other: str, sign: str) -> None:
    words = words_of(one), words_of(other)
    language = language_of([*words[0], *words[1]])
    assert contradiction(*words, language) == contradiction(*words[::-1], language) == sign


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Is it right to fire a worker for a joke?", "Should one dismiss an employee for a jest?", True),
        ("Is it right to fire a worker for a joke?", "Is it right to dismiss a worker for a joke?", True),
        ("Is it right to fire a worker for a joke?", "Is it right to hug a worker for a joke?", False),
        ("Should a shop refuse cash?", "Is it acceptable that a shop refuses cash?", True),
        ("If it rains, should a shop close?", "Should a shop close if it rains?", True),
        ("Should the army obey the courts?", "Should the courts obey the army?", False),
        ("Should a shop refuse cash?", "Should a shop refuse cash from children?", False),
    ],
)
def test_what_is_not_shared_decides(one: str, other: str, same: bool) -> None:
    assert RULE.same_question(one, other, 0.8) == RULE.same_question(other, one, 0.8) == same


def test_unshared_words_keep_their_order_and_count() -> None:
    english = language_words("english")
    found = unshared_words(
        words_of("Should dogs bark at dogs?"), words_of("Should a dog bark at the old cat?"), english
    )
    assert found == (["dogs"], ["old", "cat"])


def test_where_the_language_is_not_known_likeness_decides() -> None:
    assert language_of(words_of("¿Deben votar los jóvenes?")) is None
    assert [RULE.same_question("¿Deben votar?", "¿Deben pagar?", likeness) for likeness in (0.91, 0.9)] == [True, False]


@given(st.lists(st.sampled_from("abcdefgh"), max_size=7, unique=True), st.integers(0, 7), st.integers(0, 7))
def test_a_run_of_words_that_moved_is_found(words: list[str], start: int, end: int) -> None:
    moved = [*words[:start], *words[end:], *words[start:end]] if start <= end else words
    assert is_one_move(words, moved)


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_language_s_words_fit_together(name: str) -> None:
    words = language_words(name)
    assert not words.function_words & words.negations
    for one, other in words.opposites:
        assert one
        assert other
        assert not one & other


def test_the_gate_asks_the_second_look_of_similar_questions_alone() -> None:
    memory = InMemory(Meanings())
    texts = {
        "near": "Is it right to hug a worker for a joke?",
        "same": "Should one dismiss an employee for a jest?",
        "far": "Do cats purr?",
    }
    memory.remember([Remembered(id=id, text=text, topic_id="t", topic="T?", run_id="r") for id, text in texts.items()])
    candidate = "Is it right to fire a worker for a joke?"
    verdict = NoveltyGate.of(memory).check(candidate)
    assert (verdict.novel, verdict.reason, verdict.neighbours[0].id) == (False, "same_question", "same")
    assert verdict.neighbours[1].id == "near", "nearer than the one that asks the same"
    assert NoveltyGate.of(memory).check(candidate, ignore=["same"]).novel
    assert NoveltyGate.of(memory).check(candidate, opinions={"same": False}).novel
    assert NoveltyGate.of(memory).check(candidate, opinions={"near": True}).neighbours[0].id == "near"
    assert NoveltyGate.of(memory, Novelty(second_look="none")).check(candidate).reason in ("", "nearest")
    assert [near.id for near in NoveltyGate.of(memory).candidates(candidate)] == ["near", "same"]
    assert NoveltyGate.of(memory).candidates(texts["near"]) == []
