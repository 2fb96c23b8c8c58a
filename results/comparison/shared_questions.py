"""Which questions two evaluations share: the same words resting on the same fact, whatever their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...domain.question import Question
from ...domain.texts.safe_text import one_line

Words = tuple[str, str]


def anchors(baseline: Sequence[Question], later: Sequence[Question]) -> list[tuple[int, int]]:
    """Rows of the shared questions in both, in the baseline's order. A repeated text counts once."""
    theirs = _first_rows(later)
    return [(row, theirs[words]) for words, row in _first_rows(baseline).items() if words in theirs]


def _first_rows(questions: Sequence[Question]) -> Mapping[Words, int]:
    first_rows: dict[Words, int] = {}
    for row, question in enumerate(questions):
        # An id tells little: every search has its own. Another fact makes another question.
        first_rows.setdefault((one_line(question.text).casefold(), one_line(question.fact).casefold()), row)
    return first_rows
