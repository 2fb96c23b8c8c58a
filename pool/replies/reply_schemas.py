"""Reply schemas as they travel: JSON schemas that strict structured output accepts, made once a class."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, cast

from ...domain.calls import Call
from ...domain.reply_types import Reply

_NOT_SENT = frozenset({"title", "default", "minLength", "description"})
"""Strict mode refuses defaults and lengths; docstrings are ours, and words for models live in ``prompts/``."""


@dataclass(frozen=True)
class SentSchema:
    """One reply schema: its name, the request body's ``response_format``, the JSON text for prompts, and a digest."""

    name: str
    response_format: dict[str, Any]
    text: str
    digest: str
    call: type[Call[Any]]


@cache
def sent_schema(schema: type[Reply]) -> SentSchema:
    """``schema`` as it travels. The pydantic model stays the judge of what comes back."""
    strict = _strict(schema.model_json_schema())
    text = json.dumps(strict, ensure_ascii=False)
    return SentSchema(
        name=schema.__name__,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": schema.__name__, "schema": strict, "strict": True},
        },
        text=text,
        digest=sha256(f"{schema.__name__}\n{text}".encode()).hexdigest()[:16],
        call=cast("type[Call[Any]]", Call.__class_getitem__(schema)),
    )


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    strict = {name: _strict(value) for name, value in node.items() if name not in _NOT_SENT}
    for named in ("properties", "$defs"):
        if named in node:  # here the keys are names of ours, not keywords
            strict[named] = {name: _strict(value) for name, value in node[named].items()}
    if "properties" in node:
        strict["required"] = list(node["properties"])
        strict["additionalProperties"] = False
    return strict
