"""Text from bytes. Only UTF-8 is read; another encoding is named as well as it can be told, with the way out."""

from __future__ import annotations

import codecs
import shlex
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from ...domain.errors import FileError

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
"""UTF-32 goes first: its mark begins with that of UTF-16."""

_LOOKED_AT = 200_000
"""Bytes in which an encoding is looked for."""


def _between(*ranges: tuple[str, str]) -> Callable[[str], bool]:
    return lambda character: any(first <= character <= last for first, last in ranges)


_CANDIDATES: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("shift_jis", "SHIFT_JIS", _between(("\u3040", "\u30ff"))),
    ("euc_jp", "EUC-JP", _between(("\u3040", "\u30ff"))),
    ("euc_kr", "EUC-KR", _between(("\uac00", "\ud7a3"))),
    ("gb18030", "GB18030", _between(("\u4e00", "\u9fff"), ("\u3000", "\u303f"), ("\uff00", "\uffef"))),
    ("cp1251", "WINDOWS-1251", _between(("А", "я"), ("ё", "ё"))),
    ("cp1252", "WINDOWS-1252", _between(("À", "ÿ"), ("‘", "”"), ("–", "—"), ("€", "€"))),
)
"""Python's name, iconv's, and the characters that a text so written has for the most part beyond ASCII's."""

_MOSTLY = {"shift_jis": 0.3, "euc_jp": 0.3, "euc_kr": 0.7, "gb18030": 0.9, "cp1251": 0.8, "cp1252": 0.6}
"""From this share on: kana stand among characters that Japanese shares with Chinese."""


def decoded(path: Path, data: bytes) -> str:
    """The text of ``data``, with or without a byte order mark; ``path`` names the file.

    Raises ``FileError`` with the first place that is no UTF-8, the encoding that it seems to be, and how to convert it.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The decoder counts from behind a byte order mark.
        start = error.start + 3 * data.startswith(codecs.BOM_UTF8)
        line = data.count(b"\n", 0, start) + 1
        name = encoding_of(data)
        marked = any(data.startswith(mark) for mark, _ in _MARKS)
        seems = f"; it seems to be {name}" if name else ""
        what = f"is {name}" if marked else f"is not UTF-8 text (byte 0x{data[start]:02x}){seems}"
        remedy = "save the whole file as UTF-8"
        if name:
            remedy += f": iconv -f {name} -t UTF-8 {shlex.quote(path.name)} > utf-8-{shlex.quote(path.name)}"
        raise FileError(path, what, place=f"line {line}, byte {start}", remedy=remedy) from None


def encoding_of(data: bytes) -> str:
    """The encoding of a text that is no UTF-8, by iconv's name; empty where it cannot be told."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    head = data[:_LOOKED_AT]
    for codec, name, belongs in _CANDIDATES:
        try:
            text = codecs.getincrementaldecoder(codec)().decode(head)  # may end within a character
        except UnicodeDecodeError:
            continue
        beyond = [character for character in text if not character.isascii()]
        if codec == "cp1251" and 2 * sum(map(_in_words, pairwise(text))) < len(beyond):
            continue  # umlauts stand alone among plain letters, Cyrillic letters side by side
        if beyond and sum(map(belongs, beyond)) >= _MOSTLY[codec] * len(beyond):
            return name
    return ""


def _in_words(pair: tuple[str, str]) -> bool:
    return not pair[0].isascii() and not pair[1].isascii()
