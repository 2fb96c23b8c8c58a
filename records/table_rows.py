"""Rows of JSON lines or CSV, plain or gzipped, as UTF-8. What cannot be read is told with its line."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..domain.errors import FileError
from ..domain.reading.files import read_bytes as read_bytes
from ..domain.reading.files import unpacked
from ..domain.texts.safe_text import one_line

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_FIELD_LIMIT = 100_000_000
"""Characters in one CSV field; Python's own limit of 131,072 is shorter than some answers."""


def read_rows(path: Path, data: bytes) -> Iterator[tuple[str, Mapping[str, object]]]:
    """(place, row) for each row of ``data``; ``path`` names the file and, by its ending, says what it is.

    ``.csv`` is CSV with a header line; anything else is JSON lines. Raises ``FileError`` with the line.
    """
    text = _decoded(path, unpacked(path, data))
    names = path.name.lower().removesuffix(".gz")
    return _csv_rows(path, text) if names.endswith(".csv") else _json_rows(path, text)


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The decoder counts from behind a byte order mark.
        start = error.start + 3 * data.startswith(b"\xef\xbb\xbf")
        line = data.count(b"\n", 0, start) + 1
        what = "is UTF-16" if data.startswith(_UTF_16) else f"is not UTF-8 text (byte 0x{data[start]:02x})"
        raise FileError(path, what, place=f"line {line}, byte {start}", remedy="save the whole file as UTF-8") from None


def _json_rows(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    for number, line in enumerate(text.split("\n"), start=1):  # not splitlines: JSON leaves U+2028 as it is
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            problem = f"is not JSON ({one_line(str(error)):.60})"
            raise FileError(path, problem, place=place, remedy="give one JSON object a line, or call it .csv") from None
        if not isinstance(row, dict):
            raise FileError(path, "is not a JSON object", place=place, remedy='write {"question_id": …, "answer": …}')
        yield place, row


def _csv_rows(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    limit = csv.field_size_limit(_FIELD_LIMIT)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header: list[str] = []
        start = 1
        for fields in reader:
            place, start = f"line {start}", reader.line_num + 1
            if not fields:
                continue
            if not header:
                header = [name.strip() for name in fields]
                if twice := [name for name, count in Counter(header).items() if count > 1]:
                    problem = f"the column {one_line(twice[0])!r} is a duplicate"
                    raise FileError(path, problem, place=place, remedy="rename one")
                continue
            if len(fields) != len(header):
                raise FileError(
                    path,
                    f"has {len(fields)} fields where the header has {len(header)}",
                    place=place,
                    remedy="quote fields that hold commas or line ends",
                )
            yield place, dict(zip(header, fields, strict=True))
    except csv.Error as error:
        place = f"line {reader.line_num}"
        raise FileError(path, f"is not CSV ({error})", place=place, remedy="quote fields as CSV does") from None
    finally:
        csv.field_size_limit(limit)
