"""What became of a request: a response's or an error's outcome, without asking anyone (METHOD.md section 1)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

from langchain_core.exceptions import LangChainException
from langchain_core.messages import AIMessage

from ..domain.answer import Outcome
from .refusals import TEXT_REFUSAL as TEXT_REFUSAL
from .refusals import declines as declines
from .refusals import reads_as_refusal as reads_as_refusal
from .scrubbing import one_line, scrub

_TRUNCATED = frozenset({"length", "max_tokens", "model_length"})
_FILTERED = frozenset({"content_filter", "safety", "prohibited_content", "blocklist", "recitation", "spii"})
_REFUSED = frozenset({"refusal"})

_VERSION = re.compile(r"[-@:](?:latest|\d{4}-\d{2}-\d{2}|preview-\d{2}-\d{2,4}|\d{3,4}|\d{6}|\d{8})")
_SAME_MODEL_TAG = re.compile(r":(?:latest|free|nitro|floor)$")

_ABOUT_FORMAT = re.compile(r"response[ _]?format|json[ _]?schema|structured[ _]outputs?|guided[ _]json", re.IGNORECASE)
_ABOUT_FILTER = re.compile(
    r"content_filter|content management policy|responsibleaipolicy|content_policy_violation|data_inspection_failed"
    r"|input was flagged",
    re.IGNORECASE,
)

_ERRORS: tuple[type[Exception], ...] = (
    *(LangChainException, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, OSError),
    *(EOFError, MemoryError, RuntimeError),
)
"""What bad bodies and broken lines raise as. An AssertionError, say, is nobody's reply and is let through."""

_CLIENT_ERRORS = (
    ("openai", "OpenAIError"),
    ("anthropic", "AnthropicError"),
    ("groq", "GroqError"),
    ("ollama", "ResponseError"),
    ("google.genai.errors", "APIError"),
    ("httpx", "HTTPError"),
    ("httpx2", "HTTPError"),
)


def request_errors() -> tuple[type[Exception], ...]:
    """The exceptions by which a request fails, those of the loaded providers' clients included."""
    clients = (getattr(sys.modules.get(module), name, None) for module, name in _CLIENT_ERRORS)
    return (*_ERRORS, *(error for error in clients if error is not None))


def model_name(message: AIMessage) -> str:
    """The model that says it answered; empty where the provider does not tell."""
    metadata = message.response_metadata
    return str(metadata.get("model_name") or metadata.get("model") or "")


def finish_reason(message: AIMessage) -> str:
    """Why the model stopped, in the provider's word."""
    metadata = message.response_metadata
    return str(metadata.get("finish_reason") or metadata.get("stop_reason") or metadata.get("done_reason") or "")


def system_fingerprint(message: AIMessage) -> str:
    """The provider's name for the set-up that answered; empty where it does not tell."""
    return str(message.response_metadata.get("system_fingerprint") or "")


def same_model(asked: str, answered: str) -> bool:
    """Whether ``answered`` may be the model that was asked for: equal but for path, tag, or a version that one lacks.

    >>> same_model("gpt-4o-mini", "gpt-4o-mini-2024-07-18"), same_model("gpt-4o", "gpt-4o-mini")
    (True, False)
    """
    if not answered:
        return True
    one, other = (_SAME_MODEL_TAG.sub("", name.strip().lower()) for name in (asked, answered))
    if "/" in one or "/" in other:
        shorter, longer = sorted((one.split("/"), other.split("/")), key=len)
        if shorter[:-1] != longer[-len(shorter) : -1]:
            return False
        one, other = shorter[-1], longer[-1]
    one, other = (name.removesuffix("-latest") for name in (one, other))
    shorter_name, longer_name = sorted((one, other), key=len)
    rest = longer_name[len(shorter_name) :]
    return longer_name.startswith(shorter_name) and (not rest or _VERSION.fullmatch(rest) is not None)


def unanswered(message: AIMessage, asked: str, answers_as: Iterable[str] = ()) -> tuple[Outcome, str] | None:
    """The outcome that a response has whatever its text says, with a detail; None when the text decides.

    ``answers_as`` are other names under which the model asked for may answer.
    """
    answered = model_name(message)
    if not any(same_model(name, answered) for name in (asked, *answers_as)):
        return Outcome.MISROUTED, one_line(f"asked {asked}, answered by {answered}")
    reason = finish_reason(message)
    if (refusal := message.additional_kwargs.get("refusal")) or reason.lower() in _REFUSED:
        return Outcome.REFUSED, one_line(str(refusal or reason))
    if reason.lower() in _FILTERED:
        return Outcome.FILTERED, f"finish reason {reason}"
    if reason.lower() in _TRUNCATED:
        return Outcome.TRUNCATED, f"finish reason {reason}"
    return None


def failure(error: Exception, secrets: Iterable[str], *, timeout: float) -> tuple[Outcome, str]:
    """The outcome of a request that raised, and one scrubbed line about it."""
    if is_timeout(error):
        return Outcome.FAILED, f"no response within {timeout:g} s"
    text = one_line(scrub(wording(error), secrets))
    status = status_code(error)
    if status in (400, 403) and about_filter(f"{getattr(error, 'code', '')} {text}"):
        return Outcome.FILTERED, f"HTTP {status}: {text}"
    return Outcome.FAILED, f"HTTP {status}: {text}" if status else f"{type(error).__name__}: {text}"


def refuses_schema(error: Exception) -> bool:
    """Whether an endpoint declined the response format itself, so that the schema must travel as words."""
    return status_code(error) in (400, 422) and _ABOUT_FORMAT.search(wording(error)) is not None


def status_code(error: Exception) -> int | None:
    """The HTTP error status that an error carries, where the clients keep it; a broken body's 200 is none."""
    response: Any = getattr(error, "response", None)
    for status in (getattr(error, "status_code", None), getattr(response, "status_code", None)):
        if isinstance(status, int) and status >= 300:
            return status
    code: Any = getattr(error, "code", None)  # of google-genai; elsewhere it is a word
    return code if isinstance(code, int) and 400 <= code < 600 else None


def is_timeout(error: Exception) -> bool:
    """Whether nothing came in time."""
    names = (kind.__name__ for kind in type(error).__mro__)
    return any(name.endswith(("TimeoutError", "TimeoutException")) for name in names)


def about_filter(text: str) -> bool:
    """Whether an error's words or code speak of a content filter."""
    return _ABOUT_FILTER.search(text) is not None


def wording(error: Exception) -> str:
    """An error's own words, unscrubbed."""
    return str(getattr(error, "message", "") or error) or "no message"
