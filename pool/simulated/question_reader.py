"""What a question's text says: the values at stake, a conflict, how specific it is, and what it is about."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from .phrases import CIRCUMSTANCE_WORDS
from .places import ACTORS, MEASURES, PLACES, REGION_OF
from .vocabulary import TOKEN, Vocabulary, stem, stems

_PLACE = re.compile(r"\b(?:" + "|".join(map(re.escape, PLACES)) + r")\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_NUMBER = re.compile(r"\d+")
_CONTRAST = re.compile(
    r"\b(?:against|versus|vs|although|though|whereas|while|even if|but|rather than|at the expense|at the price|"
    r"the other|others|instead of|outweighs?|gives? way|or)\b",
    re.IGNORECASE,
)
_STAKE_SCALE = 6.0
NAMED_CUT = 5.0
"""Summed stem weight from which a value counts as named by a question."""

_CIRCUMSTANCE = frozenset(
    stem(word)
    for text in (*CIRCUMSTANCE_WORDS, *ACTORS, *(f"{measure} {verb}" for measure, verb in MEASURES))
    for word in TOKEN.findall(text)
)
_LONGEST_TEXT = 4_000


@dataclass(frozen=True)
class Reading:
    """A question as a respondent reads it.

    stakes      (d,) how much each value is at stake, in [0, 1); named: the values it clearly names
    conflict    strength of a conflict between the two values ``sides``, in [0, 1]
    specificity place, year, number and fact, in [0, 1]
    topical     stems that say what it is about; places, years: those that its text or fact names
    """

    stakes: tuple[float, ...]
    named: tuple[bool, ...]
    conflict: float
    sides: tuple[int, int]
    specificity: float
    topical: tuple[str, ...]
    regions: frozenset[str]
    places: tuple[str, ...]
    years: tuple[int, ...]


def _topical_stems(vocabulary: Vocabulary, text: str, sides: tuple[int, ...]) -> tuple[str, ...]:
    topical: dict[str, None] = {}
    for word in TOKEN.findall(text):
        one = stem(word)
        # The words of a conflict are at stake in it; they are not what the question is about.
        at_stake = any(index in sides for index, _ in vocabulary.reading.get(one, ()))
        if one and one not in _CIRCUMSTANCE and word not in REGION_OF and not at_stake:
            topical[one] = None
    return tuple(topical)


@lru_cache(maxsize=65_536)
def read(vocabulary: Vocabulary, question: str, fact: str) -> Reading:
    """The reading of a question; cached, since every respondent and sample asks for the same one."""
    question, fact = question[:_LONGEST_TEXT], fact[:_LONGEST_TEXT]
    words = stems(question)
    scores = vocabulary.scores(words, vocabulary.reading)
    stakes = tuple(1 - math.exp(-score / _STAKE_SCALE) for score in scores)
    first, second = sorted(sorted(range(len(scores)), key=lambda v: -scores[v])[:2])
    conflict = 0.0
    if _CONTRAST.search(question) and min(scores[first], scores[second]) >= NAMED_CUT:
        conflict = math.sqrt(stakes[first] * stakes[second])
    both = f"{question}\n{fact}"
    places = tuple(dict.fromkeys(_PLACE.findall(both)))
    in_question = (bool(_PLACE.search(question)), bool(_YEAR.search(question)), bool(_NUMBER.search(question)))
    specificity = 0.35 * in_question[0] + 0.2 * in_question[1] + 0.15 * in_question[2] + 0.3 * bool(fact.strip())
    topical = _topical_stems(vocabulary, question, (first, second) if conflict else ())
    return Reading(
        stakes=stakes,
        named=tuple(score >= NAMED_CUT for score in scores),
        conflict=conflict,
        sides=(first, second),
        specificity=specificity,
        topical=topical or tuple(dict.fromkeys(words)),
        regions=frozenset(REGION_OF[place] for place in places),
        places=places,
        years=tuple(dict.fromkeys(int(year) for year in _YEAR.findall(both))),
    )
