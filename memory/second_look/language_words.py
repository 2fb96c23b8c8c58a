"""The words of a language that distinguish questions, one YAML file a language; and the language of a text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...domain.reading.yaml_records import read_yaml, validate
from ...domain.record import Record

LANGUAGES = ("english", "german")

FUNCTION_SHARE = 0.25
"""At least this share of a text's words are a language's function words, if it is in that language."""

_WORD = re.compile(r"[^\W_]+(?:[-'’.,](?=\w)[^\W_]+)*")


class _WordFile(Record):
    function_words: str
    negations: str
    negative_prefixes: str
    endings: str
    numbers: dict[str, int]
    names_are_capitalised: bool
    same_names: tuple[str, ...]
    opposites: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LanguageWords:
    """One language.

    function_words       carry no content by themselves: articles, auxiliaries, and the openings of a yes/no question
    negations            words that turn a clause round; a word with an apostrophe and t at its end does so, too
    negative_prefixes    turn a word into its opposite
    endings              of inflected words, longest first
    numbers              number words and what they stand for
    capitalised_names    whether a word with a capital letter within a sentence is a name
    same_names           names for one thing, lower case
    opposites            pairs of sets of stems: a word of one set contradicts one of the other
    """

    function_words: frozenset[str]
    negations: frozenset[str]
    negative_prefixes: tuple[str, ...]
    endings: tuple[str, ...]
    numbers: Mapping[str, int]
    capitalised_names: bool
    same_names: tuple[frozenset[str], ...]
    opposites: tuple[tuple[frozenset[str], frozenset[str]], ...]

    def content(self, words: Sequence[str]) -> list[str]:
        """Those of ``words`` that carry content, in order, in lower case."""
        return [word.lower() for word in words if word.lower() not in self.function_words]

    def stem(self, word: str) -> str:
        """``word`` in lower case without its ending, so that forms of one word agree; three letters are left."""
        for ending in self.endings:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                word = word.removesuffix(ending)
                break
        return word if len(word) <= 3 else word.rstrip("ey")


def words_of(text: str) -> list[str]:
    """The words of ``text`` as they are written, in order; numbers are words, a possessive's ending is none."""
    return [re.sub(r"['’]s?$", "", word) for word in _WORD.findall(text.replace("’s", "").replace("'s", ""))]


def language_of(words: Sequence[str]) -> LanguageWords | None:
    """The language that ``words`` are in, by its function words; None where they are too few for any."""
    lowered = [word.lower() for word in words]
    shares = {
        name: sum(word in language_words(name).function_words for word in lowered) / max(len(lowered), 1)
        for name in LANGUAGES
    }
    best = max(LANGUAGES, key=lambda name: shares[name])
    return language_words(best) if shares[best] >= FUNCTION_SHARE else None


@cache
def language_words(name: str) -> LanguageWords:
    """The words of one of ``LANGUAGES``."""
    place = Path(__file__).with_name(f"{name}.yaml")
    file = validate(_WordFile, read_yaml(place), place)
    endings = tuple(sorted(file.endings.split(), key=len, reverse=True))
    bare = LanguageWords(
        function_words=frozenset(file.function_words.split()),
        negations=frozenset(file.negations.split()),
        negative_prefixes=tuple(file.negative_prefixes.split()),
        endings=endings,
        numbers=file.numbers,
        capitalised_names=file.names_are_capitalised,
        same_names=tuple(frozenset(names.lower().split()) for names in file.same_names),
        opposites=(),
    )
    pairs = tuple(
        (frozenset(map(bare.stem, one.split())), frozenset(map(bare.stem, other.split())))
        for one, other in file.opposites
    )
    return LanguageWords(**{**bare.__dict__, "opposites": pairs})
