"""No key in any record: details of failures are scrubbed, since a provider's message may repeat the key."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"
_LONGEST_DETAIL = 200
_KEY_LIKE = re.compile(
    r"\b(?:sk|pk|gsk|xai|lsv2|hf)[-_][A-Za-z0-9*_-]{8,}|(?<=Bearer )\S+|\bAIza[\w-]{20,}", re.IGNORECASE
)


def hide(text: str, secrets: Iterable[str]) -> str:
    """``text`` without the values in ``secrets``; everything else is kept as it is."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    return text


def scrub(text: str, secrets: Iterable[str]) -> str:
    """``text`` without the values in ``secrets`` and without anything that looks like a key."""
    return _KEY_LIKE.sub(HIDDEN, hide(text, secrets))


def one_line(text: str) -> str:
    """The first 200 characters of ``text`` on one line. Scrub first: a key that is cut in two is not found."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_DETAIL else line[: _LONGEST_DETAIL - 1] + "…"


def encodable(text: str) -> str:
    """``text`` with lone surrogates replaced: a response may hold some, and no file or database takes them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
