"""Finds the reply in a model's text. The text is hostile: work and depth are bounded, nothing is evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TypeVar

from pydantic import ValidationError

from ...domain.reply_types import Reply
from .thinking import opens_unknown, split_thinking

R = TypeVar("R", bound=Reply)

_FENCED = re.compile(r"```[A-Za-z]*\s*\n(.*?)```", re.DOTALL)
_MOST_OBJECTS = 32
LONGEST_REPLY_TEXT = 100_000
"""Characters of a text that are read; what lies beyond is no part of a reply."""

_DECODER = json.JSONDecoder()


def parse_reply(text: str, schema: type[R]) -> tuple[R | None, str]:
    """The one JSON object in ``text`` that fits ``schema`` and "", or None and what is wrong in one line.

    Looked for in this order: the whole text, then, after any thinking, fenced code, then any object. Nothing is
    guessed: two that fit and differ may be a draft and an answer, and what follows an unknown opening mark a thought.
    """
    problem = "the reply is empty" if not text.strip() else "the reply holds no JSON object"
    fitting: R | None = None
    for number, candidate in enumerate(_objects(text[:LONGEST_REPLY_TEXT])):
        try:
            reply = schema.model_validate(candidate)
            reply.model_dump_json()
        except ValidationError as error:
            if number == 0:
                problem = _in_words(error)
        except ValueError:
            # It cannot be written: an escaped lone surrogate is legal JSON, but no file or database takes it.
            problem = "a string holds half a character"
        else:
            if fitting is not None and reply != fitting:
                return None, "the reply holds more than one answer, and they differ"
            fitting = reply
    return fitting, "" if fitting is not None else problem


def _objects(text: str) -> Iterator[dict[str, object]]:
    if (whole := _decoded(text)) is not None:
        yield whole
        return
    _, rest = split_thinking(text)
    for block in _FENCED.finditer(rest):
        if (fenced := _decoded(block[1])) is not None and not opens_unknown(rest[: block.start()]):
            yield fenced
    position = seen = 0
    for _ in range(_MOST_OBJECTS):
        if (position := rest.find("{", position)) < 0 or opens_unknown(rest[seen:position]):
            return
        seen = position
        try:
            value, position = _DECODER.raw_decode(rest, position)
        except json.JSONDecodeError as error:
            if error.pos >= len(rest.rstrip()) or error.msg.startswith("Unterminated string"):
                return  # cut off: what stands inside is a fragment, not a reply
            position += 1
        except (ValueError, RecursionError):
            return
        else:
            yield value


def _decoded(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _in_words(error: ValidationError) -> str:
    """The first problem, without the offending value."""
    errors = error.errors(include_input=False, include_url=False, include_context=False)
    place = ".".join(map(str, errors[0]["loc"]))
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{place}: {errors[0]['msg']}{more}" if place else f"{errors[0]['msg']}{more}"
