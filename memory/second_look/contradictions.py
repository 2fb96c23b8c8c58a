"""Signs in words that two similar questions are not one: numbers, negation, opposites, names."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .language_words import LanguageWords

PREFIX_OF_A_NAME = 3
"""Letters that a name and what is derived from it have in common: Norway, Norwegian."""


def contradiction(one: Sequence[str], other: Sequence[str], language: LanguageWords | None) -> str:
    """The first sign that texts of these words ask different things: "numbers", "names", "negation", "opposites" or "".

    Words are as written. In a language that is not known only numbers are compared. Negation and opposites count
    between texts that share at least half of their words with content: what is reworded throughout often says with a
    negation what the other says without one.
    """
    if _conflict(_numbers(one, language), _numbers(other, language)):
        return "numbers"
    if language is None:
        return ""
    if language.capitalised_names and _names_conflict(one, other, language):
        return "names"
    if not _same_frame(one, other, language):
        return ""
    if _negations(one, language) % 2 != _negations(other, language) % 2:
        return "negation"
    return "opposites" if _opposite(one, other, language) else ""


def _same_frame(one: Sequence[str], other: Sequence[str], language: LanguageWords) -> bool:
    stems = [{language.stem(word) for word in language.content(words)} for words in (one, other)]
    return 2 * len(stems[0] & stems[1]) >= min(len(stems[0]), len(stems[1]))


def _conflict(one: Collection[str], other: Collection[str]) -> bool:
    """Whether each has something that the other lacks; what only one has may be a detail."""
    return bool(set(one) - set(other)) and bool(set(other) - set(one))


def _numbers(words: Sequence[str], language: LanguageWords | None) -> set[str]:
    known = {} if language is None else language.numbers
    return {
        word if any(letter.isdigit() for letter in word) else str(known[word.lower()])
        for word in words
        if any(letter.isdigit() for letter in word) or word.lower() in known
    }


def _names_conflict(one: Sequence[str], other: Sequence[str], language: LanguageWords) -> bool:
    """Whether each text names something that the other does not; a name at the beginning cannot be told from a word."""
    names = [{word.lower() for word in words[1:] if word[:1].isupper()} for words in (one, other)]
    lowered = [{word.lower() for word in words} for words in (one, other)]
    unmatched = [
        {name for name in names[side] if not any(_same_name(name, word, language) for word in lowered[1 - side])}
        for side in (0, 1)
    ]
    return all(unmatched)


def _same_name(name: str, word: str, language: LanguageWords) -> bool:
    if name == word or any(name in names and word in names for names in language.same_names):
        return True
    return len(name) > PREFIX_OF_A_NAME and name[:PREFIX_OF_A_NAME] == word[:PREFIX_OF_A_NAME]


def _negations(words: Sequence[str], language: LanguageWords) -> int:
    return sum(word.lower() in language.negations or word.lower().endswith(("n't", "n’t")) for word in words)


def _opposite(one: Sequence[str], other: Sequence[str], language: LanguageWords) -> bool:
    stems = [{language.stem(word.lower()) for word in words} for words in (one, other)]
    own = stems[0] - stems[1], stems[1] - stems[0]
    for left, right in language.opposites:
        if (own[0] & left and own[1] & right) or (own[0] & right and own[1] & left):
            return True
    prefixed = [{prefix + stem for prefix in language.negative_prefixes for stem in side} for side in own]
    return bool(prefixed[0] & own[1] or prefixed[1] & own[0])
