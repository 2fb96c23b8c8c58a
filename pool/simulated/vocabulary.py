"""The words of a value theory, from its examples and definitions: even examples speak, odd examples recognise."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ...domain.framework import Framework, Value
from .phrases import FUNCTION_WORDS

TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SUFFIXES = (
    "fulness",
    "ations",
    "ation",
    "ments",
    "ingly",
    "ities",
    "ness",
    "ment",
    "ings",
    "ally",
    "ful",
    "ing",
    "ity",
    "ies",
    "ied",
    "ive",
    "ed",
    "es",
    "er",
    "ly",
    "al",
    "s",
    "y",
    "e",
)
_LEAST_STEM = 3
_LONGEST_STEM = 7
_LEAST_HALF = 3


def check_simulated(framework: Framework) -> None:
    """Raises ``InputError`` where simulated members cannot speak of the framework's values."""
    framework.need_examples("simulated models speak and recognise values by them")


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A crude stem: lower case, one suffix off, at most seven letters; "" for a function word."""
    word = word.lower()
    if word in FUNCTION_WORDS or len(word) < _LEAST_STEM:
        return ""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _LEAST_STEM:
            word = word[: -len(suffix)]
            break
    return word[:_LONGEST_STEM]


def stems(text: str) -> list[str]:
    """The stems of a text's content words, in order, repeats kept."""
    return [stemmed for word in TOKEN.findall(text) if (stemmed := stem(word))]


def clause(example: str) -> str:
    """An example as it stands inside a sentence: one line, no full stop, lower-case unless it opens with "I"."""
    text = " ".join(example.split()).rstrip(".!?; ")
    keep = text[:2] in {"I ", "I'"} or text[:2].isupper()
    return text if keep or not text else text[0].lower() + text[1:]


def _halves(value: Value) -> tuple[tuple[str, ...], tuple[str, ...]]:
    even, odd = value.examples[::2], value.examples[1::2]
    # A half of one or two examples cannot be told by its words: then both sides share all, and recovery is circular.
    return (even, odd) if len(odd) >= _LEAST_HALF else (value.examples, value.examples)


Weights = dict[str, tuple[tuple[int, float], ...]]


def _weights(texts: Sequence[Iterable[str]]) -> Weights:
    """Per stem, the values it speaks for, with the log ratio of its frequency there to that in the other values."""
    documents = [[set(stems(text)) for text in of_value] for of_value in texts]
    counts = [Counter(word for document in of_value for word in document) for of_value in documents]
    sizes = [len(of_value) for of_value in documents]
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    weights: dict[str, list[tuple[int, float]]] = {}
    for index, count in enumerate(counts):
        elsewhere = sum(sizes) - sizes[index]
        for word, times in count.items():
            here = (times + 0.1) / (sizes[index] + 1)
            there = (total[word] - times + 0.1) / (elsewhere + 1)
            if (weight := math.log(here / there)) > 0:
                weights.setdefault(word, []).append((index, weight))
    return {word: tuple(pairs) for word, pairs in weights.items()}


class Vocabulary:
    """What each of a framework's values is spoken of with.

    phrases     per value, the clauses that respondents and the author use (examples at even places)
    reading     stem weights from all examples and definitions: what a respondent finds in a question
    recognition stem weights from the examples at odd places and the definitions: what the judge knows
    """

    def __init__(self, framework: Framework) -> None:
        self.ids = framework.value_ids
        self.names = tuple(value.name for value in framework.values)
        halves = [_halves(value) for value in framework.values]
        self.phrases = tuple(tuple(clause(example) for example in even) for even, _ in halves)
        self.reading = _weights([(*v.examples, v.definition, v.name) for v in framework.values])
        self.recognition = _weights(
            [(*odd, value.definition, value.name) for value, (_, odd) in zip(framework.values, halves, strict=True)]
        )

    def scores(self, text_stems: Iterable[str], weights: Weights) -> list[float]:
        """(d,) summed weights of the distinct stems, >= 0."""
        scores = [0.0] * len(self.ids)
        # In the order of the text: the sum of floats must not depend on how this process hashes words.
        for one in dict.fromkeys(text_stems):
            for index, weight in weights.get(one, ()):
                scores[index] += weight
        return scores


@lru_cache(maxsize=16)
def vocabulary_of(framework: Framework) -> Vocabulary:
    """The framework's vocabulary, built once."""
    return Vocabulary(framework)
