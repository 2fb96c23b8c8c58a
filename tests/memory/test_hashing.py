"""What the hashing embedder's thresholds refuse, and what they must let pass: the questions they were measured on."""

from __future__ import annotations

import itertools

import pytest
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from adaem.memory.in_memory import InMemory
from adaem.memory.items import Remembered
from adaem.memory.novelty import NoveltyGate, Thresholds

EMBEDDER = HashingEmbedder()
NORWAY = (
    "In Norway, where overtime was capped in 2021, is it right to work overtime for a higher salary "
    "if it costs the family its free evenings?"
)
NURSE = (
    "Should a nurse in Japan accept paid double shifts during an influenza wave when her hospital has ignored "
    "the legal rest period?"
)
NEAR_COPIES = [
    (NORWAY, NORWAY.replace("2021", "2022")),
    (NORWAY, NORWAY.replace("a higher salary", "higher pay")),
    (NORWAY, NORWAY.replace("right", "wrong")),
    (NORWAY, NORWAY.replace("Norway", "Sweden")),
    (NORWAY, NORWAY.replace("capped", "limited").replace("the family", "a family")),
    (
        NORWAY,
        "Is it right to work overtime for a higher salary if it costs the family its free evenings in Norway, "
        "where overtime was capped in 2021?",
    ),
    (NURSE, NURSE.replace("an influenza", "a flu")),
    (NURSE, NURSE.replace("paid double shifts", "double shifts paid").replace("period", "periods")),
    (
        NURSE,
        "When her hospital has ignored the legal rest period, should a nurse in Japan accept paid double shifts "
        "during an influenza wave?",
    ),
]
PLACES = ["Norway", "Japan", "Brazil", "Kenya", "Germany", "India"]
LAWS = [
    "overtime was capped in 2021",
    "a four-day week was tried in 2019",
    "unions are banned in the public sector",
    "unpaid overtime is customary in banks",
    "the right to disconnect became law in 2022",
    "most shops must close on Sundays",
]
CONFLICTS = [
    "if it costs the family its free evenings",
    "if a colleague must then do the remaining night shifts",
    "even when the company hides the hours from the inspectors",
    "if the extra money pays for a parent's medical care",
    "when refusing would mean losing the chance of promotion",
    "although doctors warn of the strain on the heart",
]


def gate(*texts: str) -> NoveltyGate:
    memory = InMemory(EMBEDDER)
    memory.remember(
        [Remembered(id=f"q{n}", text=text, topic_id="t", topic="T?", run_id="r") for n, text in enumerate(texts)]
    )
    return NoveltyGate(memory, Thresholds.of(EMBEDDER))


@pytest.mark.parametrize(("asked", "again"), NEAR_COPIES)
def test_near_copies_are_refused(asked: str, again: str) -> None:
    assert gate(asked).check(again).reason == "nearest"


def test_one_topic_and_template_can_hold_every_law_with_every_conflict() -> None:
    """36 questions of one topic in one template, no two alike in both law and conflict: all pass, in sequence."""
    texts = [
        f"In {PLACES[(a + b) % 6]}, where {LAWS[a]}, is it right to work overtime for a higher salary {CONFLICTS[b]}?"
        for a, b in itertools.product(range(6), range(6))
    ]
    for position, text in enumerate(texts):
        verdict = gate(*texts[:position]).check(text)
        assert verdict.novel, (text, verdict)


def test_a_paraphrase_in_other_words_passes_as_the_note_says() -> None:
    assert (
        gate(NORWAY)
        .check("May Norwegian parents who need money stay late at the office although children miss them?")
        .novel
    )
    assert "near copies only" in EMBEDDER.note
