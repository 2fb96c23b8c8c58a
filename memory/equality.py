"""When two texts are the same question: equality after normalisation (METHOD.md section 3, novelty gate)."""

from __future__ import annotations

import unicodedata
from hashlib import sha256

LONGEST_TEXT = 8_000
"""Characters of a text that are read. A question is one sentence; a model's runaway output must not stall the run."""

DIGEST_LENGTH = 32
"""Characters of a text's digest."""

_APOSTROPHES = frozenset("'’ʼ＇")


def readable(text: str) -> str:
    """The first ``LONGEST_TEXT`` characters as valid UTF-8: lone surrogates, which no store takes, become "?"."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")


def normalised(text: str) -> str:
    """``text`` for comparison: NFKC, casefolded, without punctuation and control characters, single spaces.

    Apostrophes and invisible format characters vanish ("don't" is "dont"); other punctuation parts words. Texts that
    share their first ``LONGEST_TEXT`` characters are equal. Idempotent for texts that stay within that length.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", readable(text)).casefold())
    characters = "".join(_comparable(character) for character in folded)
    return " ".join(unicodedata.normalize("NFKC", characters).split())


def _comparable(character: str) -> str:
    category = unicodedata.category(character)
    if character in _APOSTROPHES or category == "Cf":
        return ""
    return " " if category[0] in "PZC" or category == "Sk" else character


def text_digest(text: str) -> str:
    """Equal for texts that are equal after normalisation."""
    return sha256(normalised(text).encode("utf-8")).hexdigest()[:DIGEST_LENGTH]
