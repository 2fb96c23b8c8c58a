"""The second look without a model: do the words that two similar questions do not share mean the same?

Questions on one matter share most of their words and differ in few, so that as whole texts they are nearer to each
other than a question is to its paraphrase. Only what is not shared tells them apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..embedders.embedder import Embedder
from .contradictions import contradiction
from .language_words import LanguageWords, language_of, words_of


class WordRule:
    """``unshared`` is the cosine above which the words that are not shared mean the same, None where none is measured.

    ``whole`` is the cosine of the whole texts that decides where the rest cannot be compared: in a language whose words
    are not known, or with an embedder that was not measured.
    """

    def __init__(self, embedder: Embedder, *, unshared: float | None, whole: float) -> None:
        self._embedder = embedder
        self._unshared = unshared
        self._whole = whole

    def same_question(self, one: str, other: str, similarity: float) -> bool:
        """See ``SecondLook.same_question``."""
        words = words_of(one), words_of(other)
        language = language_of([*words[0], *words[1]])
        if language is None or self._unshared is None:
            return not contradiction(*words, language) and similarity > self._whole
        likeness = self.likeness(one, other)
        return likeness is not None and likeness > self._unshared

    def likeness(self, one: str, other: str) -> float | None:
        """The cosine of the words that are not shared, 1 where none are left; None where the questions differ by it.

        They differ by a contradiction, by the order of their words, and where only one has words of its own, which is
        a further condition.
        """
        words = words_of(one), words_of(other)
        language = language_of([*words[0], *words[1]])
        if language is None or contradiction(*words, language):
            return None
        stems = [[language.stem(word) for word in language.content(each)] for each in words]
        if sorted(stems[0]) == sorted(stems[1]):
            return 1.0 if is_one_move(*stems) else None
        left = [" ".join(each) for each in unshared_words(*words, language)]
        if not all(left):
            return None
        vectors = self._embedder.embed(left)
        return float(vectors[0] @ vectors[1])


def unshared_words(one: Sequence[str], other: Sequence[str], language: LanguageWords) -> tuple[list[str], list[str]]:
    """The content words of each text that the other does not have, in order, lower case; forms of one word are one."""
    contents = language.content(one), language.content(other)
    left = []
    for side in (0, 1):
        others = Counter(language.stem(word) for word in contents[1 - side])
        own = []
        for word in contents[side]:
            stem = language.stem(word)
            if others[stem]:
                others[stem] -= 1
            else:
                own.append(word)
        left.append(own)
    return left[0], left[1]


def is_one_move(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether ``other`` is ``one`` with at most one run of words moved, as a clause is; any other order may swap roles.

    Both hold the same words. Where one of them stands twice a move may go unnoticed.
    """
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    end = len(one)
    while end > start and one[end - 1] == other[end - 1]:
        end -= 1
    rest, moved = list(one[start:end]), list(other[start:end])
    return any(rest[cut:] + rest[:cut] == moved for cut in range(max(len(rest), 1)))
