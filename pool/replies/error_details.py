"""What a failed request's error says, wherever a provider puts it: the status, the codes, and the message.

Providers wrap the same facts differently: ``{"error": {…}}``, Google's array of such, xAI's ``{"code", "error": "…"}``,
Mistral's ``{"detail": …}``, a router's ``metadata.raw``, or an error in the body of a 200.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MESSAGES = ("message", "error", "msg", "detail", "error_msg", "errorMessage", "error_description", "status_msg")
_CODES = ("code", "type", "status", "error_code", "reason", "status_code", "reasons", "param")
_TELLING = ("flagged_input", "content_filter_result", "contentFilter")
"""Keys whose presence is all that some filters say."""
_INSIDE = ("error", "innererror", "metadata", "details", "detail", "base_resp", "raw")
_DEEPEST = 4
_MOST = 20
_LONGEST = 2_000


@dataclass(frozen=True)
class ErrorWords:
    """``messages`` and ``codes`` in the order in which they were found, each at most 2,000 characters.

    ``status`` is the HTTP status, or the one that the body of a 200 gives (``in_body``); None where there is neither.
    ``in_error``: they stand in an error of the provider's, not in a gateway's page or an exception of our side.
    ``generation`` is the text that a provider kept back because it did not fit the schema.
    """

    messages: tuple[str, ...]
    codes: tuple[str, ...]
    status: int | None = None
    in_body: bool = False
    in_error: bool = False
    generation: str | None = None

    @property
    def text(self) -> str:
        """Everything said, codes first, to be searched. Nothing that only repeats the prompt is in it."""
        return " ".join((*self.codes, *self.messages))


def error_words(error: Exception) -> ErrorWords:
    """The words of an error of ``outcomes.request_errors``; those of ``str(error)`` where it has no body."""
    error = next((cause for cause in causes(error) if status_code(cause) is not None), error)
    body = _body(error)
    messages, codes = _messages_and_codes(body)
    of_client = (str(code) for name in ("code", "type") if (code := getattr(error, name, None)))
    status, within = status_code(error), _status_within(body)
    generation = body.get("failed_generation") if isinstance(body, dict) else None
    return ErrorWords(
        messages or (wording(error),),
        tuple(dict.fromkeys((*codes, *of_client))),
        within if status is None else status,
        in_body=status is None and within is not None,
        in_error=isinstance(body, dict) or (status is not None and isinstance(body, str) and _is_no_page(body)),
        generation=generation if isinstance(generation, str) else None,
    )


def reason_words(reason: str) -> ErrorWords:
    """The words of a reason that stands in the body of a 200: plain, or a JSON object as text."""
    messages, codes = _messages_and_codes([reason])
    return ErrorWords(messages, codes, in_error=True)


def status_code(error: Exception) -> int | None:
    """The HTTP error status that an error carries, where the clients keep it; a broken body's 200 is none."""
    response: Any = getattr(error, "response", None)
    for status in (getattr(error, "status_code", None), getattr(response, "status_code", None)):
        if isinstance(status, int) and status >= 300:
            return status
    code: Any = getattr(error, "code", None)  # of google-genai; elsewhere it is a word
    return code if isinstance(code, int) and 400 <= code < 600 else None


def causes(error: BaseException) -> Iterator[Exception]:
    """The error and what it was raised from: clients wrap what their transport raised."""
    cause: BaseException | None = error
    for _ in range(8):
        if not isinstance(cause, Exception):
            return
        yield cause
        cause = cause.__cause__ or cause.__context__


def wording(error: Exception) -> str:
    """An error's own words, unscrubbed."""
    return str(getattr(error, "message", "") or error) or "no message"


def _body(error: Exception) -> Any:
    """The innermost object that holds the error; langchain-openai raises that of a 200 as ``ValueError(dict)``."""
    body: Any = getattr(error, "body", None)
    if body is None and isinstance(error, ValueError) and error.args:
        body = error.args[0]
    if body is None:
        body = getattr(error, "details", None)  # of google-genai
    for _ in range(_DEEPEST):
        if isinstance(body, list) and body:
            body = body[0]
        elif isinstance(body, dict) and isinstance(body.get("error"), dict | list) and body["error"]:
            body = body["error"]
    return body


def _messages_and_codes(body: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    pairs = list(_message_pairs(body))[:_MOST]
    messages = dict.fromkeys(text for kind, text in pairs if kind == "message")
    return tuple(messages), tuple(dict.fromkeys(text for kind, text in pairs if kind == "code"))


def _message_pairs(body: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """("message" | "code", text) for all that is said. A router's ``raw`` is the upstream's own body, as text."""
    if depth > _DEEPEST:
        return
    if isinstance(body, str):
        inner = _decoded(body) if depth else None
        if inner is None:
            yield "message", body[:_LONGEST]
        else:
            yield from _message_pairs(inner, depth + 1)
    elif isinstance(body, list):
        for each in body[:_MOST]:
            yield from _message_pairs(each, depth + 1)
    elif isinstance(body, dict):
        for name in _CODES:
            for value in body[name] if isinstance(body.get(name), list) else [body.get(name)]:
                if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                    yield "code", str(value)[:_LONGEST]
        for name in _TELLING:
            if body.get(name):
                yield "code", name
        for name in _MESSAGES:
            if isinstance(body.get(name), str) and body[name].strip():
                yield "message", body[name][:_LONGEST]
        for name in _INSIDE:
            if isinstance(body.get(name), dict | list) or (name == "raw" and isinstance(body.get(name), str)):
                yield from _message_pairs(body[name], depth + 1)


def _is_no_page(text: str) -> bool:
    return not text.lstrip().startswith("<")


def _decoded(text: str) -> dict[str, Any] | list[Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _status_within(body: Any) -> int | None:
    """The status of ``{"code": 502, …}`` in the body of a 200."""
    code = body.get("code") if isinstance(body, dict) else None
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) == 3:
        code = int(code)
    return code if isinstance(code, int) and 400 <= code < 600 else None
