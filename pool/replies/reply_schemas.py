"""Reply schemas as they travel: JSON schemas that strict structured output accepts, made once a class."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, cast

from ...domain.calls import Call
from ...domain.reply_types import SENT_ONLY, Reply

_NOT_SENT = frozenset({"title", "default", "minLength", "description"})
"""Strict mode refuses defaults and least lengths; docstrings are ours, words for models live in ``prompts/``."""

_LENGTHS = frozenset({"maxLength"})
"""What OpenAI's strict mode refuses of the bounds: it takes ``enum``, ``minItems`` and ``maxItems``."""


@dataclass(frozen=True)
class SentSchema:
    """One reply schema: its name, the request body's ``response_format``, the JSON text for prompts, and a digest.

    ``without_lengths`` is the ``response_format`` for hosts that refuse bounds on strings. The digest is one of the
    form alone: bounds are not in it, so that calls recorded under other bounds are found again.
    """

    name: str
    response_format: dict[str, Any]
    without_lengths: dict[str, Any]
    text: str
    digest: str
    call: type[Call[Any]]


@cache
def sent_schema(schema: type[Reply]) -> SentSchema:
    """``schema`` as it travels. The pydantic model stays the judge of what comes back."""
    full = schema.model_json_schema()
    form, bounded = _strict(full, bounded=False), _strict(full)
    digested = json.dumps(form, ensure_ascii=False)
    return SentSchema(
        name=schema.__name__,
        response_format=_response_format(schema, bounded),
        without_lengths=_response_format(schema, _strict(full, refused=_LENGTHS)),
        text=json.dumps(bounded, ensure_ascii=False),
        digest=sha256(f"{schema.__name__}\n{digested}".encode()).hexdigest()[:16],
        call=cast("type[Call[Any]]", Call.__class_getitem__(schema)),
    )


def _response_format(schema: type[Reply], strict: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": schema.__name__, "schema": strict, "strict": True}}


def _strict(node: Any, *, bounded: bool = True, refused: frozenset[str] = frozenset()) -> Any:
    def inner(each: Any) -> Any:
        return _strict(each, bounded=bounded, refused=refused)

    if isinstance(node, list):
        return [inner(item) for item in node]
    if not isinstance(node, dict):
        return node
    strict = {name: inner(value) for name, value in node.items() if name not in _NOT_SENT and name != SENT_ONLY}
    if bounded:
        strict.update({name: value for name, value in node.get(SENT_ONLY, {}).items() if name not in refused})
    for named in ("properties", "$defs"):
        if named in node:  # here the keys are names of ours, not keywords
            strict[named] = {name: inner(value) for name, value in node[named].items()}
    if "properties" in node:
        strict["required"] = list(node["properties"])
        strict["additionalProperties"] = False
    return strict
