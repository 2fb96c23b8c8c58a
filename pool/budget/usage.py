"""What a provider says that a request took, where that can be: a count that cannot be is no count (METHOD.md, budget).

Whoever has no count charges what the request may have taken at most, and marks it as uncounted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

LARGEST_COUNT = 10**9
"""Tokens: more than any model reads or writes in one request, and small enough for every sum and every database."""

_TIMES_THE_BOUND, _ABOVE_THE_BOUND = 10, 10_000
"""How far above our own upper bound a count is believed: providers add words of their own, but not whole books."""

_CHARACTERS_PER_TOKEN = 128
"""At most in one token of a vocabulary in use: the longest are runs of blanks."""

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


def well_formed(usage: Any) -> Mapping[str, Any] | None:
    """A chat completion's ``usage`` itself where it holds nothing but counts, and groups of counts.

    Otherwise its counts alone, where those are counts; None where they are not.
    """
    if isinstance(usage, dict) and all(each is None or _is_count(each) or _is_group(each) for each in usage.values()):
        return usage
    counts = {name: usage.get(name) for name in _COUNTS} if isinstance(usage, dict) else {}
    given = {name: count for name, count in counts.items() if count is not None}
    return given if given and all(map(_is_count, given.values())) else None


def plausible(usage: Any, *, prompt_most: int, reply_most: int, reply_characters: int) -> tuple[int, int] | None:
    """(input, output) tokens as LangChain's ``usage_metadata`` tells them; None where they cannot be right.

    ``prompt_most`` and ``reply_most`` are our own bounds; ``reply_characters`` came back, which no fewer tokens than
    one for every 128 can hold. Fewer input tokens than the prompt has are believed: servers that keep a prompt from an
    earlier request count only what they had to read again. Thinking that only the total counts is output.
    """
    if not isinstance(usage, Mapping):
        return None
    sent, received, total = (usage.get(name) for name in ("input_tokens", "output_tokens", "total_tokens"))
    if not (_is_count(sent) and _is_count(received)) or sent == 0:  # servers that count nothing say 0
        return None
    if _is_count(total):
        received = max(received, total - sent)
    within = sent <= _believed(prompt_most) and received <= _believed(reply_most)
    return (sent, received) if within and received * _CHARACTERS_PER_TOKEN >= reply_characters else None


def _believed(most: int) -> int:
    return min(LARGEST_COUNT, _TIMES_THE_BOUND * most + _ABOVE_THE_BOUND)


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT


def _is_group(value: Any) -> bool:
    return isinstance(value, dict) and all(each is None or _is_count(each) for each in value.values())
