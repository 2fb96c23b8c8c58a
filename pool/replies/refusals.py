"""Whether a text declines to answer: one rule for live and recorded answers (docs/IMPORT.md).

A refusal takes no position and gives no reasons. A text that gives either is an answer, whatever disclaimer it opens
with: "As an AI, I have no opinions. However, supporters say …" is one.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from ...domain.reply_types import AnswerReply, Reply

TEXT_REFUSAL = "the text declines to answer"
"""The detail of every refusal that only the words show: by it they are found again, to be checked by eye."""

OPENING_CLAUSES = 4
"""A refusal declines within so many clauses: later, it is something that an answer says on its way."""

SURPLUS_WORDS = 15
"""So many words beside refusal and courtesy are still a refusal: why it declines, or how large the topic is."""

_LONGEST = 3_000
"""Characters of the longest refusal. Real ones seldom reach a third of that."""

_PATTERNS = Path(__file__).with_name("refusals.toml")
_QUOTED = re.compile(
    r'"[^"]{1,400}"|“[^”]{1,400}”|„[^“”]{1,400}[“”]|«[^»]{1,400}»|「[^」]{1,400}」'
    r"|\bsa(?:y|ys|id|ying)\s?:[^.!?\n]{1,400}"
)
_ENDS = re.compile(r"[.:]+(?=\s|$)|[!?;。।؟؛]+|\n+|\s[—–]\s")
_WORD = re.compile(r"[\w\u0900-\u097f]+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_ARABIC_VOWELS = dict.fromkeys((*range(1611, 1619), 1600))
_FOLDED = str.maketrans({"’": "'", "‘": "'", "أ": "ا", "إ": "ا", "آ": "ا", "ё": "е", "ँ": "ं", "\u093c": None})


@dataclass(frozen=True)
class _Patterns:
    """The patterns of all languages as one: no language is guessed, since models often decline in another one."""

    declines: re.Pattern[str]
    courtesy: re.Pattern[str]
    position: re.Pattern[str]
    contrast: re.Pattern[str]


def reads_as_refusal(text: str) -> bool:
    """Whether ``text``, an answer without its thinking, declines to answer, in one of eleven languages.

    It does when one of its first ``OPENING_CLAUSES`` clauses declines, no clause takes a position, gives reasons or
    goes on to argue after a "but", and at most ``SURPLUS_WORDS`` words are neither refusal nor courtesy.
    """
    if not text.strip() or len(text) > _LONGEST:
        return False
    patterns = _patterns()
    clauses = list(_clauses(text, patterns.contrast))
    opening = enumerate(clauses[:OPENING_CLAUSES])
    first = next((number for number, clause in opening if patterns.declines.search(clause)), None)
    # Nearly every answer ends here: the other patterns are tried only on what may be a refusal.
    if first is None or any(patterns.position.search(clause) for clause in clauses):
        return False
    surplus = 0.0
    for number, clause in enumerate(clauses):
        if patterns.declines.search(clause) or patterns.courtesy.search(clause):
            continue
        surplus += _words(clause)
        if surplus > SURPLUS_WORDS or (number > first and patterns.contrast.match(clause)):
            return False
    return True


def declines(reply: Reply) -> bool:
    """Whether a reply that parsed is a refusal in the form of an answer: each key point that counts only declines.

    The stance is not looked at: the schema forced one.
    """
    return isinstance(reply, AnswerReply) and all(
        reads_as_refusal(f"{point.point}\n{point.justification}") for point in reply.key_points[:3]
    )


def _clauses(text: str, contrast: re.Pattern[str]) -> Iterator[str]:
    """Its sentences, cut before words of contrast too. What it quotes is somebody else's, and is left out."""
    folded = unicodedata.normalize("NFKC", text.strip().strip('"“”„«»「」')).translate(_ARABIC_VOWELS).lower()
    own = _QUOTED.sub(" ", folded.translate(_FOLDED))
    for sentence in _ENDS.split(own):
        cuts = [0, *(match.start() for match in contrast.finditer(sentence)), len(sentence)]
        for start, end in pairwise(cuts):
            if clause := sentence[start:end].strip(" ,،，、\t"):
                yield clause


def _words(clause: str) -> float:
    """Words, where two characters of Chinese or Japanese count as one."""
    wide = len(_WIDE.findall(clause))
    return wide / 2 + len(_WORD.findall(_WIDE.sub(" ", clause)))


@cache
def _patterns() -> _Patterns:
    languages = tomllib.loads(_PATTERNS.read_text(encoding="utf-8")).values()

    def any_of(kind: str) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for language in languages for pattern in language[kind]))

    contrast = "|".join(language["contrast"] for language in languages)
    return _Patterns(
        declines=any_of("declines"),
        courtesy=any_of("courtesy"),
        position=any_of("position"),
        contrast=re.compile(
            rf"(?<![\w\u0900-\u097f])(?:{contrast})(?![a-zA-Zà-ÿа-я\u0900-\u097f])|(?<=[\u3400-\u9fff])(?:但是|但|不过|然而)"
        ),
    )
