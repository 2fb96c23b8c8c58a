"""Every draft is checked before it is kept, whoever wrote it: one line, a question, and not beyond all measure."""

from __future__ import annotations

from typing import Any

from ...domain.texts.safe_text import one_line
from ...memory.equality import LONGEST_TEXT
from ..explorer.topic_explorer import finished_draft
from ..protocols import Draft
from ..refiner.question_refiner import LENGTH_TOLERANCE


def checked_draft(found: Any, *, given: str = "", rewritten: str = "") -> Draft:
    """What an explorer or a refiner returned as a draft, or as one with the problem that it has.

    ``given`` is the topic's text, which stays as it is where it is the draft: a bank's questions have any form.
    ``rewritten`` is the text of the question that was to be rewritten.
    """
    if not isinstance(found, Draft):
        return Draft(problem=f"the draft is {type(found).__name__}, not a Draft")
    if given and found.text == given:
        return found
    texts = {name: one_line(getattr(found, name)) for name in ("text", "fact", "reflection", "author", "problem")}
    draft = found.model_copy(update={name: text[:LONGEST_TEXT] for name, text in texts.items()})
    if draft.problem:
        return draft
    if longest := [name for name in ("text", "fact") if len(texts[name]) > LONGEST_TEXT]:
        return draft.model_copy(update={"problem": f"its {longest[0]} is longer than {LONGEST_TEXT} characters"})
    draft = finished_draft(draft)
    if not draft.problem and rewritten and len(draft.text) > LENGTH_TOLERANCE * len(rewritten):
        return draft.model_copy(update={"problem": "longer than the question that it rewrites"})
    return draft
