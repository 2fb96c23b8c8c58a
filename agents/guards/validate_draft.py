"""Every draft is checked here and nowhere else, whoever wrote it: one line, a question, and not beyond all measure."""

from __future__ import annotations

from typing import Any

from ...domain.texts.safe_text import one_line
from ...memory.equality import LONGEST_TEXT
from ..protocols import Draft

LENGTH_TOLERANCE = 1.1
"""A rewrite may be this much longer than its parent, in characters: "not longer", but for a word's difference."""

QUESTION_MARKS = ("?", "？", "؟", ";")
"""What a question ends with; the last one is the Greek question mark, in its normal form a semicolon."""


def checked_draft(returned: Any, *, given: str = "", rewritten: str = "") -> Draft:
    """What an explorer or a refiner returned as a draft, or as one with the problem that it has.

    ``given`` is the topic's text, which stays as it is where it is the draft: a bank's questions have any form.
    ``rewritten`` is the text of the question that was to be rewritten.
    """
    if not isinstance(returned, Draft):
        return Draft(problem=f"the draft is {type(returned).__name__}, not a Draft")
    if given and returned.text == given:
        return returned
    texts = {name: one_line(getattr(returned, name)) for name in ("text", "fact", "reflection", "author", "problem")}
    problem = texts["problem"] or _problem(texts, rewritten)
    cut = {name: text[:LONGEST_TEXT] for name, text in texts.items()}
    return returned.model_copy(update={**cut, "problem": problem[:LONGEST_TEXT]})


def _problem(texts: dict[str, str], rewritten: str) -> str:
    for name in ("text", "fact"):
        if len(texts[name]) > LONGEST_TEXT:
            return f"its {name} is longer than {LONGEST_TEXT} characters"
    if not texts["text"].endswith(QUESTION_MARKS):
        return "not a question: it does not end with a question mark"
    if rewritten and len(texts["text"]) > LENGTH_TOLERANCE * len(rewritten):
        return "longer than the question that it rewrites"
    return ""
