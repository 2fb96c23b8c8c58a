"""Keys stay out of all that is written or shown, whatever a server does with them: the one place that finds them.

A server that was sent a key can repeat it in any field and in any spelling, and a program reads escapes after it has
looked. So the pool hides keys on the text that it has read, and every way out hides them again.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache

HIDDEN = "[hidden]"

SHORTEST_KEY = 8
"""Characters. Shorter values ("EMPTY", "ollama") are placeholders of local servers, and words of answers."""

_SHORTEST_OF_ANY_NAME = 16
"""Characters of a value that only its variable's name says to be a key."""

_KEY_NAME = re.compile(r"_(?:API|ADMIN|ACCESS|INFERENCE)_KEY$|_TOKEN$", re.IGNORECASE)

_FRAGMENT, _SHARE = 12, 4
"""So many characters of a key in a row are hidden, a fourth of a long one: it may come cut off, or in two fields. Every
such part holds a whole one of the pieces, half as long, that the key is cut into: a search for those finds it."""

_ESCAPES = ("\\", "%", "&#")

KEY_LIKE = re.compile(
    r"\b(?:sk|pk|gsk|xai|lsv2|hf)[-_][A-Za-z0-9*_-]{8,}|(?<=Bearer )\S+|\bAIza[\w-]{20,}", re.IGNORECASE
)
"""How keys of the large providers begin."""

_LONGEST_WORD = 24
"""Letters and digits in one word of a variable's name, at most; keys are longer, and mix them from 16 on."""

_named: set[str] = set()


def name_key_variables(variables: Iterable[str]) -> None:
    """From now on the values of these environment variables are keys in this process."""
    _named.update(variables)


def known_keys() -> tuple[str, ...]:
    """The keys in the environment, longest first: of the named variables, and of any whose name says so."""
    values = {os.environ.get(name, "").strip() for name in _named}
    values = {value for value in values if len(value) >= SHORTEST_KEY}
    for name, value in os.environ.items():
        if _KEY_NAME.search(name) and len(value.strip()) >= _SHORTEST_OF_ANY_NAME:
            values.add(value.strip())
    return tuple(sorted(values, key=lambda value: (-len(value), value)))


def looks_like_key(text: str) -> bool:
    """Whether ``text`` is a key rather than the name of the variable that holds one.

    >>> looks_like_key("OPENAI_API_KEY_2"), looks_like_key("gsk_0a1b2c3d4e5f")
    (False, True)
    """
    words = re.split(r"[^A-Za-z0-9]+", text)
    mixed = [word for word in words if not word.isalpha() and not word.isdigit()]
    shortest = 6 if KEY_LIKE.match(text) else 16
    return any(len(word) >= shortest for word in mixed) or any(len(word) > _LONGEST_WORD for word in words)


def hide(text: str, keys: Iterable[str]) -> str:
    """``text`` without ``keys``, each 8 characters or longer; everything else is kept as it is.

    Found are a key itself, a fourth of it in a row (twelve characters at least), and the whole of it in Base64, in
    hexadecimal digits, or with characters escaped as in JSON, Python, a URL or HTML.
    """
    for key in keys:
        if len(key) < SHORTEST_KEY:
            continue
        for form in _forms(key):
            if form in text:
                text = text.replace(form, HIDDEN)
        text = _without_fragments(text, key)
        if any(mark in text for mark in _ESCAPES):
            text = _escaped(key).sub(HIDDEN, text)
    return text


@lru_cache(maxsize=256)
def _forms(key: str) -> tuple[str, ...]:
    data = key.encode("utf-8", "surrogateescape")
    forms = [key, data.hex(), data.hex().upper()]
    for before in range(3):
        # Base64's letters depend on how many bytes stand before, and those at the ends on the neighbours.
        bits = 8 * (before + len(data))
        form = b64encode(bytes(before) + data).decode()[-(-8 * before // 6) : bits // 6]
        forms += [form, form.replace("+", "-").replace("/", "_")]
    return tuple(dict.fromkeys(forms))


@lru_cache(maxsize=256)
def _escaped(key: str) -> re.Pattern[str]:
    return re.compile("".join(map(_any_spelling, key)), re.IGNORECASE)


def _any_spelling(character: str) -> str:
    code = ord(character)
    url = "".join(f"%(?:25)*{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
    escaped = rf"\\+(?:u00{code:02x}|u\{{0*{code:x}\}}|x{code:02x}|0*{code:o})" if code < 256 else rf"\\+u{code:04x}"
    return rf"(?:\\*{re.escape(character)}|{escaped}|{url}|&#(?:0*{code}|x0*{code:x});?)"


def _fragment(key: str) -> int:
    return max(_FRAGMENT, len(key) // _SHARE)


@lru_cache(maxsize=256)
def _pieces(key: str) -> tuple[tuple[int, str], ...]:
    length = _fragment(key) // 2
    whole = range(0, len(key) - length + 1, length)
    return tuple((start, key[start : start + length]) for start in whole) if len(key) > _FRAGMENT else ()


def _without_fragments(text: str, key: str) -> str:
    for start, piece in _pieces(key):
        at = text.find(piece)
        while at >= 0:
            left, right = _extended(text, at, key, start, len(piece))
            if right - left >= _fragment(key):
                text = text[:left] + HIDDEN + text[right:]
                right = left + len(HIDDEN)
            at = text.find(piece, right)
    return text


def _extended(text: str, at: int, key: str, start: int, length: int) -> tuple[int, int]:
    """Where the part of ``key`` begins and ends that agrees with ``text`` around ``at``, which is ``start`` of it."""
    left, first = at, start
    while left > 0 and first > 0 and text[left - 1] == key[first - 1]:
        left, first = left - 1, first - 1
    right, last = at + length, start + length
    while right < len(text) and last < len(key) and text[right] == key[last]:
        right, last = right + 1, last + 1
    return left, right
