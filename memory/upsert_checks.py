"""What is checked before anything is kept, the same for every memory."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.errors import InputError
from .equality import normalised, readable
from .items import Remembered


def distinct_by_id(items: Sequence[Remembered]) -> list[Remembered]:
    """``items`` with readable texts, one per id, the last of each. Raises ``InputError`` for a text without a word."""
    by_id = {item.id: item.model_copy(update={"text": readable(item.text)}) for item in items}
    for item in by_id.values():
        if not normalised(item.text):
            raise InputError(f"question {item.id!r}: its text has no word in it and cannot be remembered")
    return list(by_id.values())
