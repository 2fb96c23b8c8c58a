"""Every draft is checked here and nowhere else, whoever wrote it: one line, a question, and not beyond all measure."""

from __future__ import annotations

import re
from typing import Any

from ...domain.texts.safe_text import one_line
from ...memory.equality import LONGEST_TEXT
from ..protocols import Draft, DraftText

LENGTH_TOLERANCE = 1.1
"""A rewrite may be this much longer than its parent, in characters: "not longer", but for a word's difference."""

MOST_ALTERNATIVES = 999
"""As many as ``settings.search.drafts`` allows beside the first; more are left out."""

QUESTION_MARKS = ("?", "？", "؟", ";")
"""What a question ends with; the last one is the Greek question mark, in its normal form a semicolon."""


_AUXILIARY = (
    "is|are|was|were|am|do|does|did|has|have|had|can|could|should|shall|would|will|may|might|must|ought|"
    "isn't|aren't|doesn't|don't|didn't|can't|shouldn't|wouldn't"
)
_OPEN_START = re.compile(
    rf"(?:what|who|whom|whose|which|where|when|why|how)(?:'s| (?:{_AUXILIARY})\b)"
    rf"|(?:what|which|whose|how) (?!a\b|an\b|the\b|if\b)(?:\w+ ){{1,3}}(?:{_AUXILIARY})\b",
    re.IGNORECASE,
)
_OPEN_AFTER_A_CLAUSE = re.compile(rf"[,;:.!] (?:and )?(?:what|how|why) (?:{_AUXILIARY})\b[^,;:]*\?$", re.IGNORECASE)
"""Not "which" or "who": after a comma they begin a relative clause ("ban cars, which are loud")."""

OPEN_QUESTION = "an open question: it cannot be answered with yes or no"


def is_open_question(text: str) -> bool:
    """Whether ``text`` asks for more than yes or no, as English questions do by their first word and the verb after it.

    It knows English alone: a question in another language is never called open.

    >>> is_open_question("What is the answer to life?"), is_open_question("When taxes rise, should rents fall?")
    (True, False)
    """
    return _OPEN_START.match(text.lstrip("\"'“‘¿ ")) is not None or _OPEN_AFTER_A_CLAUSE.search(text) is not None


def checked_draft(returned: Any, *, given: str = "", rewritten: str = "") -> Draft:
    """What an explorer or a refiner returned as a draft, or as one with the problem that it has.

    ``given`` is the topic's text, which stays as it is where it is the draft: a bank's questions have any form.
    ``rewritten`` is the text of the question that was to be rewritten.
    """
    if not isinstance(returned, Draft):
        return Draft(problem=f"the draft is {type(returned).__name__}, not a Draft")
    verbatim = bool(given) and returned.text == given
    if verbatim and not returned.alternatives:
        return returned
    alternatives = tuple(returned.alternatives)[:MOST_ALTERNATIVES]
    texts = {name: one_line(getattr(returned, name)) for name in ("text", "fact", "reflection", "author", "problem")}
    problem = texts["problem"] or ("" if verbatim else _problem(texts, rewritten))
    # Where the topic or the parent is open (a bank's may be), its descendants may be as well.
    if not problem and is_open_question(texts["text"]) and not any(map(is_open_question, (given, rewritten))):
        problem = OPEN_QUESTION
    cut = {name: text[:LONGEST_TEXT] for name, text in texts.items() if not (verbatim and name == "text")}
    checked = returned.model_copy(update={**cut, "problem": problem[:LONGEST_TEXT], "alternatives": ()})
    if texts["problem"]:
        return checked
    others = (
        checked_draft(Draft(text=each.text, fact=each.fact), given=given, rewritten=rewritten) for each in alternatives
    )
    usable = [DraftText(text=each.text, fact=each.fact) for each in others if not each.problem]
    if problem and usable:  # one of the others takes its place
        first = usable.pop(0)
        checked = checked.model_copy(update={"text": first.text, "fact": first.fact, "problem": ""})
    return checked.model_copy(update={"alternatives": tuple(usable)})


def _problem(texts: dict[str, str], rewritten: str) -> str:
    for name in ("text", "fact"):
        if len(texts[name]) > LONGEST_TEXT:
            return f"its {name} is longer than {LONGEST_TEXT} characters"
    if not texts["text"].endswith(QUESTION_MARKS):
        return "not a question: it does not end with a question mark"
    if rewritten and len(texts["text"]) > LENGTH_TOLERANCE * len(rewritten):
        return "longer than the question that it rewrites"
    return ""
