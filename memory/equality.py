"""When two texts are the same question: equality after normalisation (METHOD.md section 3, novelty gate)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from hashlib import sha256

LONGEST_TEXT = 8_000
"""Characters of a text that are read. A question is one sentence; a model's runaway output must not stall the run."""

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
    kept = "".join(_kept(character) for character in folded)
    return " ".join(unicodedata.normalize("NFKC", kept).split())


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if character in _APOSTROPHES or category == "Cf":
        return ""
    return " " if category[0] in "PZC" or category == "Sk" else character


def text_digest(text: str) -> str:
    """Equal for texts that are equal after normalisation."""
    return sha256(normalised(text).encode("utf-8")).hexdigest()[:32]


class TextIndex:
    """The ids of remembered texts by their normalised form, kept as digests so that long texts cost nothing."""

    def __init__(self, texts: Mapping[str, str] | None = None) -> None:
        self._digests: dict[str, bytes] = {}
        self._ids: dict[bytes, set[str]] = {}
        for identifier, text in (texts or {}).items():
            self.put(identifier, text)

    def put(self, identifier: str, text: str) -> None:
        """``identifier`` now stands for ``text``, and no longer for what it stood for before."""
        self.drop(identifier)
        digest = _digest(text)
        self._digests[identifier] = digest
        self._ids.setdefault(digest, set()).add(identifier)

    def drop(self, identifier: str) -> None:
        """``identifier`` stands for nothing any more."""
        if (old := self._digests.pop(identifier, None)) is not None:
            self._ids[old].discard(identifier)

    def ids_of(self, text: str) -> tuple[str, ...]:
        """The ids whose normalised text equals that of ``text``, sorted."""
        return tuple(sorted(self._ids.get(_digest(text), ())))


def _digest(text: str) -> bytes:
    return sha256(normalised(text).encode()).digest()[:16]
