"""Whether an answer says nothing: a placeholder, an echo, a loop, or one key point three times (METHOD.md section 1).

No list of words and no model decides, so that the rule is the same in every language: an answer is compared with what
was asked, and its key points with each other. What that cannot see: words at random, which repeat nothing, and talk
about the question in general terms that the prompt does not hold.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from ...domain.answer import KEY_POINTS
from ...domain.texts.words import folded_words

LEAST_NEW = 0.35
"""Share of a text's word pairs that must be new: neither in an earlier key point nor earlier in the text itself."""

FEWEST_PAIRS = 8
"""A shorter text is measured by its words alone: two or three pairs of words are no share of anything."""

LEAST_LETTERS = 0.5
"""Share of letters and their marks among the characters that are no white space; real answers have .85 and more."""

_FIELDS = frozenset(
    {"stance", "key", "points", "point", "justification", "answer", "question", "string", "text", "json"}
)
"""The words of the form that is asked for, which stand where a small model fills in the form with itself."""


def without_reasons(points: Sequence[str], prompt: str) -> str:
    """Why three key points are degenerate, in a few words; "" where each says something of its own.

    ``prompt`` is everything that the model was shown. A key point says nothing where it adds no word to the prompt and
    to the key points before it, or hardly a pair of words.
    """
    seen_words = set(folded_words(prompt)) | _FIELDS
    seen_pairs: set[tuple[str, str]] = set()
    problems = []
    for number, point in enumerate(points[:KEY_POINTS], start=1):
        words = folded_words(point)
        if problem := _emptiness(point, words, seen_words, seen_pairs):
            problems.append(f"key point {number} {problem}")
        seen_words.update(words)
        seen_pairs.update(pairwise(words))
    return "; ".join(problems)


def without_content(text: str, question: str) -> str:
    """Why a recorded answer is degenerate, in a few words; "" where it says something that ``question`` does not."""
    return _emptiness(text, folded_words(text), set(folded_words(question)) | _FIELDS, set())


def _emptiness(text: str, words: Sequence[str], seen_words: set[str], seen_pairs: set[tuple[str, str]]) -> str:
    if not words:
        return "holds no words"
    if _letters(text) < LEAST_LETTERS:
        return "is mostly no letters"
    new = [word for word in words if word not in seen_words]
    if not new:
        return "repeats what it was shown, or an earlier one"
    pairs = list(pairwise(words))
    if len(pairs) >= FEWEST_PAIRS and len(set(pairs) - seen_pairs) < LEAST_NEW * len(pairs):
        return "repeats itself, or an earlier one"
    return ""


def _letters(text: str) -> float:
    visible = [character for character in text if not character.isspace()]
    return sum(unicodedata.category(character)[0] in "LM" for character in visible) / max(len(visible), 1)
