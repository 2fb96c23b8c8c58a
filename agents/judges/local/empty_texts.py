"""Texts that say nothing of any value, made from labelled ones: a local judge learns from them when to be silent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

DRAWN, SINGLE, SCRAMBLED = 0.2, 0.08, 0.04
"""Texts of words drawn at random, of one word, and of words whose letters are in disorder, for each labelled text."""

FEWEST = 20
"""Of each of these kinds at least."""

_WRITTEN_TIMES = 3
"""How often each of the texts below counts: they are few beside the others."""

PLACEHOLDERS = (
    "N/A",
    "none",
    "no comment",
    "not applicable",
    "nothing to add",
    "see above",
    "see the answer above",
    "same as before",
    "to be continued",
    "first reason",
    "reason 2",
    "point 3: justification 3",
    "key point one: explanation",
    "text goes here",
    "this is a placeholder",
    "example answer",
    "here is my answer to the question",
    "this is my second point",
    "I have no answer",
    "I don't know",
    "it depends on the circumstances",
    "there are many factors to consider",
    "this is a complex question",
    "there are arguments on both sides",
    "yes",
    "no",
    "maybe",
    "yes, I agree",
    "I disagree with this",
    "ok",
    "sure, here are three points",
    "as requested, here is a list",
    "title",
    "untitled",
    "null",
    "undefined",
    "error 404",
    "click here",
    "lorem ipsum dolor sit amet",
    "good question",
    "thank you for the question",
    "let me think about it",
)

OFF_TOPIC = (
    "Water boils at one hundred degrees.",
    "The meeting starts at nine o'clock.",
    "Add two eggs and stir the flour into the bowl.",
    "My brother's car is blue.",
    "The train from platform four leaves in ten minutes.",
    "A triangle has three sides.",
    "It rained all day yesterday.",
    "The file is saved in the folder on the left.",
    "Seven times eight is fifty-six.",
    "The cat sleeps on the sofa.",
    "Turn left at the second traffic light.",
    "The river is four hundred kilometres long.",
    "Press the green button to start the machine.",
    "The shop sells bread and cheese.",
    "Copper conducts electricity.",
    "There are twelve months in a year.",
    "The second chapter has thirty pages.",
    "He put the keys on the table.",
    "The capital of Italy is Rome.",
    "Sound travels faster in water than in air.",
    "The printer is out of paper.",
    "Mix the paint with a little water and let it dry for an hour.",
    "She wears a grey coat and brown shoes.",
    "The moon is smaller than the earth.",
    "The bridge was built in 1932.",
    "Open the settings and choose a language.",
    "The bus stops in front of the post office.",
    "Tomatoes are red when they are ripe.",
    "The sum of the angles is 180 degrees.",
    "The book lies next to the lamp.",
    "An octopus has eight arms.",
    "Save the document before you close the window.",
    "The lake is frozen in January.",
    "Cut the onion and fry it in oil.",
    "The square root of 81 is nine.",
    "The office is on the third floor.",
    "Plants absorb carbon dioxide.",
    "The parcel weighs two kilograms.",
    "The clock on the wall is five minutes slow.",
    "The table has four legs and a drawer.",
)


def empty_texts(texts: Sequence[str], rng: np.random.Generator) -> list[str]:
    """Words of all the texts drawn at random (3 to 40 of them), single words (once, twice or five times), words with
    their letters in disorder (1 to 25), placeholders and plain facts."""
    words = np.array([word for text in texts for word in text.split()])

    def drawn() -> str:
        return " ".join(rng.choice(words, size=rng.integers(3, 41)).tolist())

    def single() -> str:
        return " ".join([str(rng.choice(words))] * int(rng.choice((1, 1, 1, 2, 5))))

    def scrambled() -> str:
        return " ".join("".join(rng.permutation(list(word))) for word in rng.choice(words, size=rng.integers(1, 26)))

    return [
        *(drawn() for _ in range(max(FEWEST, round(DRAWN * len(texts))))),
        *(single() for _ in range(max(FEWEST, round(SINGLE * len(texts))))),
        *(scrambled() for _ in range(max(FEWEST, round(SCRAMBLED * len(texts))))),
        *(PLACEHOLDERS + OFF_TOPIC) * _WRITTEN_TIMES,
    ]
