"""Yes/no questions out of statements, by rule and in English: an argument's conclusion, a questionnaire's item.

"We should ban X" becomes "Should we ban X?". What the rules do not know is asked as "Is this right: …?", and what makes
no question of its own (somebody's "I", an open question) is refused with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from .safe_text import one_line

CLEAR_QUESTION_MARKS = ("?", "？", "؟")
"""Without the Greek one, whose normal form is a semicolon: a list may end its lines with that."""

LONGEST_TOPIC = 300
"""Characters of a topic: it is one short sentence."""

FEWEST_WORDS = 3

_OPEN_WORDS = """
why how what who whom whose which when where
"""
_OPEN = frozenset(_OPEN_WORDS.split())
_STARTERS_WORDS = """
a all an any both children each every everybody everyone governments he it many most no nobody one our parents
people she society some states teachers that the their there these they this those we women men workers you
your
"""
_STARTERS = frozenset(_STARTERS_WORDS.split())
_ENGLISH_WORDS = """
a all an and are as at be by can can't cannot do does for from has have if in is it may more must mustn't no not
of on or our people should shouldn't than that the their there they to we who will with would you
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_MODALS = {"should": "Should", "must": "Should", "ought to": "Should", "may": "May", "can": "Can"}
_STATEMENT = re.compile(
    r"^(?P<subject>[^,;:]{1,100}?)\s+(?P<modal>should|must|ought to|may|can)(?P<no>n['’]t|not|\s+not|\s+never)?"
    r"\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
_MOST_SUBJECT_WORDS = 10
_CLAUSE = re.compile(
    r"(?:\b(?:who|whom|whose|which|if|unless|when|where|while|because|although)|\sthat)\b", re.IGNORECASE
)
"""In a subject: the modal may be that of this clause, and not the statement's."""
_MODAL = re.compile(r"\b(?:should|must|ought|may|can|will|would|could|might|shall)(?:n['’]t|not)?\b")
_FIRST_PERSON = re.compile(r"\b(?:I|I['’]\w+|[Mm]y|[Mm]e|[Mm]ine|[Mm]yself)\b")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


class Unfit(StrEnum):
    """Why a text becomes no yes/no question by rule; the value is for the user."""

    EMPTY = "hold no words"
    SHORT = "have fewer than three words"
    LONG = f"are longer than {LONGEST_TOPIC} characters"
    OPEN = "ask why, how or what, and not yes or no"
    PERSONAL = "speak in the first person"
    FOREIGN = "are statements, and not in English"


class QuestionRules:
    """The rules, with the words that ``texts`` have in lower case: these are not names where a sentence begins."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._common = {word for text in texts for word in _WORD.findall(text) if word.islower()} | _STARTERS

    def question(self, text: str) -> str | Unfit:
        """``text`` as a yes/no question in one line, or why it is none."""
        line = one_line(text)
        words = _WORD.findall(line)
        if not words:
            return Unfit.EMPTY
        if len(line) > LONGEST_TOPIC:
            return Unfit.LONG
        if line.endswith(CLEAR_QUESTION_MARKS):
            return Unfit.OPEN if words[0].lower() in _OPEN else line
        if _ENGLISH.isdisjoint(word.lower().replace("’", "'") for word in words):
            # Scripts without spaces have long words; what they say we cannot turn.
            return Unfit.FOREIGN if not line.isascii() or len(words) >= FEWEST_WORDS else Unfit.SHORT
        if len(words) < FEWEST_WORDS:
            return Unfit.SHORT
        if _FIRST_PERSON.search(line):
            return Unfit.PERSONAL
        return self._turned(line.rstrip(" .!;:…"))

    def _turned(self, statement: str) -> str:
        match = _STATEMENT.match(statement)
        if (
            match is None
            or len(match["subject"].split()) > _MOST_SUBJECT_WORDS
            or _CLAUSE.search(match["subject"])
            or _MODAL.search(match["rest"])
        ):
            return f"Is this right: {statement}?"
        first, space, rest = match["subject"].partition(" ")
        if not first[0].isupper() or (first.lower() in self._common and first[1:].islower()) or first == "A":
            subject = f"{first[0].lower()}{first[1:]}{space}{rest}"
        else:
            # It may be a name; a word that is none would stand there with a capital.
            return f"Is this right: {statement}?"
        # A statement against something asks for the thing itself: its "no" is the statement.
        return f"{_MODALS[match['modal'].lower()]} {subject} {match['rest']}?"
