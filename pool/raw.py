"""What a response's raw body tells and langchain-openai drops: the thinking of compatible servers, and the route."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from .body_reasons import reason_in
from .thinking import thinking_of

_THINKING = (b'"reasoning_content"', b'"reasoning"', b'"reasoning_details"', b'"thinking"')
_ROUTE = b'"provider"'
_LONGEST_BODY = 8_000_000
_LONGEST_ROUTE = 100


@dataclass
class Heard:
    """What the last response told beside its text. ``route``: to whom a router passed the request on; ``reason``: why
    there is no answer, where the body says that (``body_reasons``).
    """

    thinking: str = ""
    route: str = ""
    reason: str = ""


_listener: ContextVar[Heard | None] = ContextVar("listener", default=None)


@contextmanager
def listening() -> Iterator[Heard]:
    """Within the block, each response to a model of ``make_model`` leaves here what its body tells.

    Meant for one request: the holder is this task's and that of the tasks it starts, so that requests under way at
    the same time do not hear each other.
    """
    heard = Heard()
    token = _listener.set(heard)
    try:
        yield heard
    finally:
        _listener.reset(token)


async def overhear(response: Any) -> None:
    """The HTTP client's response hook. Errors and streams pass untouched; a body read here is kept by the client."""
    heard = _listener.get()
    streamed = response.headers.get("content-type", "").startswith("text/event-stream")
    if heard is not None and response.status_code == 200 and not streamed:
        body = await response.aread()
        heard.thinking, heard.route = told(body)
        heard.reason = reason_in(body)


def told(body: bytes) -> tuple[str, str]:
    """(thinking, route) in a chat completion's body; ("", "") where it holds neither, or is broken."""
    if len(body) > _LONGEST_BODY or not (_ROUTE in body or any(name in body for name in _THINKING)):
        return "", ""  # parsing is dear, and most bodies hold neither
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(data, dict):
        return "", ""
    route = data.get("provider")
    match data.get("choices"):
        case [{"message": dict(message)}, *_]:
            thinking = thinking_of(message)
        case _:
            thinking = ""
    return thinking, route[:_LONGEST_ROUTE] if isinstance(route, str) else ""
