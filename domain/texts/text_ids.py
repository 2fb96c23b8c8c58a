"""Ids for questions and topics that have none: a digest of their words, the same wherever they are read."""

from __future__ import annotations

from hashlib import sha256

from .safe_text import one_line


def question_id_of(text: str, fact: str = "") -> str:
    """The id of a question in these words with this fact before it."""
    return f"q-{words_digest(f'{one_line(text)} {one_line(fact)}')}"


def words_digest(text: str) -> str:
    """Twelve hexadecimal digits."""
    return sha256(text.encode()).hexdigest()[:12]
