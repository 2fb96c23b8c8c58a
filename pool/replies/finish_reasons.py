"""Why a response ended, as each provider words it: a filter, a limit of length, or the server's failure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from .content_filters import filter_reason


class Ending(StrEnum):
    """Endings that decide what becomes of a response, whatever its text says."""

    FILTERED = "filtered"
    TRUNCATED = "truncated"
    SERVER_FAILED = "server failed"


_TRUNCATED = frozenset(
    {
        *("length", "max_tokens", "model_length", "max_output_tokens", "max_new_tokens", "max_length"),
        *("model_context_window_exceeded", "error_limit"),  # Anthropic and GLM, Cohere
    }
)
_SERVER_FAILED = frozenset(
    {
        *("error", "abort", "aborted", "cancelled", "canceled"),  # OpenRouter and Mistral, vLLM, SGLang
        *("insufficient_system_resource", "network_error", "engine_overloaded", "overloaded"),  # DeepSeek, GLM
        *("server_error", "internal_error", "internal_server_error", "unavailable", "timeout", "failed"),
        *("load", "unload"),  # Ollama, while it is loading the model
    }
)
_NOT_A_WORD = re.compile(r"[^a-z_]+")


def ending(reason: str) -> Ending | None:
    """What a finish reason means; None where the text decides, as for ``stop``, and for words that nobody knows.

    >>> ending("length"), ending("SAFETY"), ending("insufficient_system_resource"), ending("end_turn")
    (<Ending.TRUNCATED: 'truncated'>, <Ending.FILTERED: 'filtered'>, <Ending.SERVER_FAILED: 'server failed'>, None)
    """
    words = _NOT_A_WORD.split(reason.lower())
    if filter_reason(reason):
        return Ending.FILTERED
    if not _TRUNCATED.isdisjoint(words):
        return Ending.TRUNCATED
    return None if _SERVER_FAILED.isdisjoint(words) else Ending.SERVER_FAILED


def reason_of(metadata: dict[str, Any]) -> str:
    """Why a model stopped, in the provider's word, from a response's metadata as LangChain's packages fill them."""
    for name in ("finish_reason", "stop_reason", "stopReason", "done_reason"):
        if reason := metadata.get(name):
            return str(reason.get("type") or "") if isinstance(reason, dict) else str(reason)  # SGLang has an object
    return blocked(metadata.get("prompt_feedback"))


def blocked(feedback: Any) -> str:
    """Gemini's reason for blocking a prompt, marked as such (``OTHER`` alone would say nothing); "" without one."""
    if not isinstance(feedback, dict):
        return ""
    reason = str(feedback.get("blockReason") or feedback.get("block_reason") or "")
    return "" if not reason or reason.upper().endswith("UNSPECIFIED") else f"blocked: {reason}"
