"""What became of a request: a response's or an error's outcome, without asking anyone (METHOD.md section 1)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from langchain_core.exceptions import LangChainException
from langchain_core.messages import AIMessage

from ...domain.answer import Outcome
from ..endpoints.refused_schema import REPLY_MISFITS
from ..endpoints.refused_settings import refuses_name
from ..sending.scrubbing import one_line, scrub
from .content_filters import about_filter
from .error_details import ErrorWords, error_words, reason_words, wording
from .finish_reasons import Ending, ending, reason_of
from .refusals import TEXT_REFUSAL as TEXT_REFUSAL
from .refusals import declines as declines
from .refusals import reads_as_refusal as reads_as_refusal

_VERSION = re.compile(r"[-@:](?:latest|\d{4}-\d{2}-\d{2}|preview-\d{2}-\d{2,4}|\d{3,4}|\d{6}|\d{8})")
_SAME_MODEL_TAG = re.compile(r":(?:latest|free|nitro|floor)$")

_NO_SYSTEM = re.compile(
    r"system[ _]?(?:role|messages?|prompts?|instructions?)[ '\"]*(?:is|are)?[ ]?not[ ](?:supported|allowed|enabled)"
    r"|does not support[ '\"]*system['\"]?[ ]?(?:role|messages?|prompts?|with|$)"
    r"|developer instructions? (?:is|are) not enabled",
    re.IGNORECASE,
)
"""Gemma 2's template, whatever the server's status; OpenAI's o1-mini; Google's Gemma."""
_OUT_OF_TOKENS = re.compile(r"max(?:imum)? (?:completion |output )?tokens reached", re.IGNORECASE)

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
    return reason_of(message.response_metadata)


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
    if refusal := message.additional_kwargs.get("refusal"):
        return Outcome.REFUSED, one_line(str(refusal))
    match ending(reason):
        case Ending.FILTERED:
            return Outcome.FILTERED, one_line(f"finish reason {reason}")
        case Ending.TRUNCATED:
            return Outcome.TRUNCATED, one_line(f"finish reason {reason}")
        case _:
            return None


def server_failed(message: AIMessage) -> str:
    """In what words a response says that the server failed half-way through it; "" where it does not."""
    reason = finish_reason(message)
    return one_line(f"the server failed: finish reason {reason}") if ending(reason) is Ending.SERVER_FAILED else ""


def without_answer(reason: str) -> tuple[Outcome, str] | None:
    """The outcome that the body of a 200 gives as its ``reason``; None: the server failed."""
    if ending(reason) is Ending.FILTERED or about_filter(reason_words(reason)):
        return Outcome.FILTERED, one_line(f"finish reason {reason}")
    return (Outcome.TRUNCATED, one_line(f"finish reason {reason}")) if ending(reason) is Ending.TRUNCATED else None


def failure(error: Exception, secrets: Iterable[str], *, timeout: float) -> tuple[Outcome, str]:
    """The outcome of a request that raised, and one scrubbed line with the provider's words.

    ``failed``, but for what a provider only words as an error: a filter, and a reply that did not fit the schema
    (``kept_back``).
    """
    if is_timeout(error):
        return Outcome.FAILED, f"no response within {timeout:g} s"
    words = error_words(error)
    if words.status is None and not words.in_error:
        return Outcome.FAILED, one_line(scrub(f"{type(error).__name__}: {wording(error)}", secrets))
    where = f"HTTP {words.status}" if words.status and not words.in_body else "error in a 200"
    detail = f"{where}: {one_line(scrub(_line(words), secrets))}"
    if REPLY_MISFITS in words.codes:
        return (Outcome.TRUNCATED if _OUT_OF_TOKENS.search(words.text) else Outcome.UNPARSABLE), detail
    return (Outcome.FILTERED if about_filter(words) else Outcome.FAILED), detail


def kept_back(error: Exception) -> str:
    """The reply that a provider kept back because it did not fit the schema; "" where there is none."""
    return error_words(error).generation or ""


def refuses_limit(error: Exception, name: str) -> bool:
    """Whether an endpoint does not know the limit on the reply's tokens by this name, so that the other may do."""
    return refuses_name(error_words(error), name)


def refuses_system(error: Exception) -> bool:
    """Whether a model has no place for a system message, so that its text must open the user's."""
    return _NO_SYSTEM.search(f"{error_words(error).text} {wording(error)}") is not None


def is_timeout(error: Exception) -> bool:
    """Whether nothing came in time."""
    names = (kind.__name__ for kind in type(error).__mro__)
    return any(name.endswith(("TimeoutError", "TimeoutException")) for name in names)


def _line(words: ErrorWords) -> str:
    """The first two messages (a router's, and that of the provider behind it), then the codes that are words."""
    messages = ": ".join(words.messages[:2])
    codes = ", ".join(code for code in words.codes if not code.isdigit() and code not in messages)
    return f"{messages} ({codes})" if codes else messages
