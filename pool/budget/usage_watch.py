"""What a provider's own counts give away, told once a member: a prompt that was cut, a limit that is not kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...domain.pool_spec import Member

_SMALLEST_CONTEXT = 256
"""Tokens. No endpoint has less: one that reports fewer does not count."""

_FAR_LESS = 0.5
"""Share of our count below which no tokenizer stays: on the languages of the frameworks they differ by a third."""

_LESS = 0.95
_BLOCK = 1024
"""Contexts are multiples of it. Of whole prompts one in a thousand is as long, and then our count says so, too."""


def was_cut(reported: int, counted: int) -> bool:
    """Whether a prompt of ``counted`` tokens, by our count of its texts alone, was read in part only.

    ``reported`` is the provider's count, which has the chat's framing and perhaps a schema in it. Ollama and others cut
    a prompt at their context's size and say nothing.

    >>> was_cut(2048, 2600), was_cut(2500, 2600), was_cut(700, 2600), was_cut(0, 2600)
    (True, False, True, False)
    """
    if reported < _SMALLEST_CONTEXT:
        return False
    return reported < _FAR_LESS * counted or (reported % _BLOCK == 0 and reported < _LESS * counted)


class UsageWatch:
    """Compares what responses report with what was sent and allowed."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def notices(self, member: Member, usage: Any, sent: int) -> list[str]:
        """What there is to tell of a response with this ``usage``, for a prompt of ``sent`` tokens; each thing once."""
        if not isinstance(usage, Mapping) or member.simulated:
            return []
        reported = _count(usage, "input_tokens")
        received = _count(usage, "output_tokens")
        notices = []
        if was_cut(reported, sent) and self._first(member, "prompts"):
            notices.append(
                f"{member.id} truncates long prompts: it reported {reported} tokens where about {sent} were "
                "sent — give it a larger context on its server (Ollama: OLLAMA_CONTEXT_LENGTH)"
            )
        if member.most_output is not None and received > member.most_output and self._first(member, "replies"):
            notices.append(
                f"{member.id} exceeds max_tokens: it reported {received} tokens where {member.most_output} "
                "were allowed — caps in tokens and money may be exceeded by as much"
            )
        return notices

    def _first(self, member: Member, about: str) -> bool:
        new = (member.id, about) not in self._seen
        self._seen.add((member.id, about))
        return new


def _count(usage: Mapping[str, Any], name: str) -> int:
    """What ``usage`` says under ``name``; 0 for what is no count: it comes from a server."""
    value = usage.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
