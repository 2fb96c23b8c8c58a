"""Rows of a table: JSON lines, a JSON array, CSV, tabs or semicolons, plain or gzipped, as UTF-8."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...domain.errors import FileError
from ...domain.reading.files import read_bytes as read_bytes
from ...domain.reading.files import unpacked
from ...domain.texts.safe_text import one_line
from .encodings import decoded

Rows = Iterator[tuple[str, Mapping[str, object]]]
"""(place, row) for each row: the place is how an error names it."""

DELIMITED = (".csv", ".tsv", ".tab", ".txt")
"""Endings of tables with a header line."""

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_FIELD_LIMIT = 100_000_000
"""Characters in one CSV field; Python's own limit of 131,072 is shorter than some answers."""


def read_rows(path: Path, data: bytes) -> Rows:
    """The rows of ``data``; ``path`` names the file and, by its ending, says what it is.

    ``.csv``, ``.tsv`` and ``.txt`` are tables with a header line, separated by commas, semicolons or tabs: a first line
    ``sep=;`` says by which, else the header does. ``.json`` is an array of objects, or JSON lines as anything else.
    Raises ``FileError`` with the line.
    """
    text = decoded(path, unpacked(path, data))
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(DELIMITED):
        return _delimited_rows(path, text)
    if name.endswith(".json") and (document := as_document(text)) is not None:
        return array_rows(path, document)
    return _json_rows(path, text)


def as_document(text: str) -> object | None:
    """A text that is one JSON value over several lines or none but itself; None where it is not, JSON lines say."""
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document


def array_rows(path: Path, document: object) -> Rows:
    """The objects of a JSON array, or one object alone. Raises ``FileError`` for anything else."""
    for number, row in enumerate(document if isinstance(document, list) else [document], start=1):
        place = f"entry {number}"
        if not isinstance(row, dict):
            raise FileError(path, "is not a JSON object", place=place, remedy='write [{"question_id": …}, …]')
        yield place, row


def _json_rows(path: Path, text: str) -> Rows:
    for number, line in enumerate(text.split("\n"), start=1):  # not splitlines: JSON leaves U+2028 as it is
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            problem = f"is not JSON ({one_line(str(error)):.60})"
            remedy = "give one JSON object a line, or call it .csv"
            if line.strip() == "[" and number == 1:
                remedy = "an array of objects is read from a file that ends in .json: rename it"
            raise FileError(path, problem, place=place, remedy=remedy) from None
        if not isinstance(row, dict):
            raise FileError(path, "is not a JSON object", place=place, remedy='write {"question_id": …, "answer": …}')
        yield place, row


def _delimiter(path: Path, text: str) -> tuple[str, int]:
    """What separates the fields, and how many lines go before the header: one where ``sep=`` says it, as for Excel."""
    first = text.partition("\n")[0].rstrip("\r")
    if first.lower().startswith("sep="):
        if (sign := first[4:].replace("\\t", "\t")) not in _DELIMITERS:
            signs = "sep=, or sep=; or sep=<tab>"
            raise FileError(path, f"{one_line(first)!r} names no separator", place="line 1", remedy=f"write {signs}")
        return sign, 1
    counted = {sign: first.count(sign) for sign in _DELIMITERS}
    if path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")) and not max(counted[","], counted[";"]):
        return "\t", 0
    # Ties go to commas, which come first.
    return max(counted, key=lambda sign: counted[sign]), 0


def _delimited_rows(path: Path, text: str) -> Rows:
    delimiter, before = _delimiter(path, text)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header: list[str] = []
        start = 1
        for fields in _long_fields(reader):
            place, start = f"line {start}", reader.line_num + 1
            if not fields or reader.line_num <= before:
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
                    remedy=f"quote fields that hold {_DELIMITERS[delimiter]} or line ends",
                )
            yield place, dict(zip(header, fields, strict=True))
    except csv.Error as error:
        place = f"line {reader.line_num}"
        raise FileError(path, f"is not CSV ({error})", place=place, remedy="quote fields as CSV does") from None


def _long_fields(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """What ``reader`` gives. The limit is the whole program's: it is raised only while a row is read."""
    while True:
        limit = csv.field_size_limit(_FIELD_LIMIT)
        try:
            fields = next(reader)
        except StopIteration:
            return
        finally:
            csv.field_size_limit(limit)
        yield fields
