"""The words of a text in any language, for statistics that only count and compare them."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
"""Scripts without spaces between words (Thai, Lao, Tibetan, Burmese, Khmer, Japanese, Chinese): a character counts."""


def folded_words(text: str) -> list[str]:
    """The words in order, without case and digits; each character of a script without spaces is one."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(_UNSPACED.sub(r" \g<0> ", folded))
