"""An answer whose JSON was cut off, and yet holds all that is asked for: a stance and three whole key points."""

from __future__ import annotations

import re
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ...domain.answer import KEY_POINTS
from ...domain.reply_types import AnswerReply
from .reply_parser import LONGEST_REPLY_TEXT

CUT_OFF = "cut off after three whole key points"
"""The detail of an answer that was kept although it was cut off."""

_OPENING = re.compile(r"\s*(?:```[A-Za-z]*\s*)?(?=\{)")
_PARTS = {"point", "justification"}
_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def complete_key_points(text: str) -> AnswerReply | None:
    """The answer in a text that ends in the middle of its JSON; None where fewer than three key points are whole.

    Before the object nothing may stand but the mark of fenced code: what else is there may be a draft, or a thought.
    """
    if (opening := _OPENING.match(text[:LONGEST_REPLY_TEXT])) is None:
        return None
    try:
        # What is cut, be it a string, a number or a key without its value, is left out.
        partial = _OBJECT.validate_json(text[opening.end() : LONGEST_REPLY_TEXT], experimental_allow_partial=True)
    except ValueError:
        return None
    points = partial.get("key_points")
    if not isinstance(points, list):
        return None
    whole = points[:-1] if len(points) > KEY_POINTS else points
    if len(whole) < KEY_POINTS or not all(isinstance(point, dict) and point.keys() >= _PARTS for point in whole):
        return None
    try:
        return AnswerReply.model_validate({**partial, "key_points": whole[:KEY_POINTS]})
    except ValidationError:
        return None
