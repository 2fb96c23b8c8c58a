"""No key in any record: details of failures are scrubbed, since a provider's message may repeat the key."""

from __future__ import annotations

from collections.abc import Iterable

from ...domain.texts.hiding import HIDDEN, KEY_LIKE, hide

_LONGEST_DETAIL = 200


def scrub(text: str, secrets: Iterable[str]) -> str:
    """``text`` without the values in ``secrets`` and without anything that looks like a key."""
    return KEY_LIKE.sub(HIDDEN, hide(text, secrets))


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
