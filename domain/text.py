"""Text from models, made harmless without changing its words."""

from __future__ import annotations

import unicodedata

# Embedding and override controls reorder what a reader sees; joiners stay, since scripts need them.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    """``text`` on one line: white space runs become one space, control characters and bidi overrides are dropped."""
    spaced = " ".join(text.split())
    return "".join(
        character
        for character in spaced
        if unicodedata.category(character) not in ("Cc", "Cs") and character not in _BIDI_CONTROLS
    ).strip()
