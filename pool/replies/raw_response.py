"""What langchain-openai drops of a response's raw body: the thinking of compatible servers, and the route."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ..budget.usage import well_formed
from .no_answer_reasons import reason_in
from .thinking import thinking_of

_LONGEST_ROUTE = 100


@dataclass
class ResponseExtras:
    """What the last response held beside its text. ``route``: to whom a router passed the request on; ``reason``: why
    there is no answer, where the body says that (``no_answer_reasons``).
    """

    thinking: str = ""
    route: str = ""
    reason: str = ""


_collector: ContextVar[ResponseExtras | None] = ContextVar("extras", default=None)


@contextmanager
def collect_extras() -> Iterator[ResponseExtras]:
    """Within the block, each response to a model of ``make_model`` leaves here what its body holds beside the text.

    Meant for one request: the holder is this task's and that of the tasks it starts, so that requests under way at
    the same time do not mix.
    """
    extras = ResponseExtras()
    token = _collector.set(extras)
    try:
        yield extras
    finally:
        _collector.reset(token)


def take_extras(body: bytes, content_type: str) -> bytes:
    """Hands the extras of a 200's body to the request under way, and returns the body as LangChain can read it.

    A usage that holds anything but counts would cost the whole answer, since LangChain refuses the message: it is
    left out, and the call then counts as one without a usage. Streams and broken bodies come back as they are.
    """
    if content_type.startswith("text/event-stream"):
        return body
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if not isinstance(data, dict):
        return body
    if (extras := _collector.get()) is not None:
        extras.thinking, extras.route = thinking_and_route(data)
        extras.reason = reason_in(data)
    if data.get("usage") is None or (usage := well_formed(data["usage"])) is data["usage"]:
        return body
    return json.dumps({**data, "usage": usage}).encode()


def thinking_and_route(data: Mapping[str, Any]) -> tuple[str, str]:
    """(thinking, route) in a chat completion; ("", "") where it holds neither."""
    route = data.get("provider")
    match data.get("choices"):
        case [{"message": dict(message)}, *_]:
            thinking = thinking_of(message)
        case _:
            thinking = ""
    return thinking, route[:_LONGEST_ROUTE] if isinstance(route, str) else ""
