"""Reads texts that people labelled with values, for training and checking judges. Nothing is dropped in silence.

JSON lines (.jsonl or .jsonl.gz), in one of two forms. The program's own: ``text`` (a string, or a list of one answer's
key points), ``values`` (ids or names; null where somebody skipped the row), and optionally ``id``, ``group`` (the
texts' common source), ``model`` (who wrote it) and ``weight`` (of how many texts it was drawn to stand for; 1 where
all were as likely). Or Touché23-ValueEval's: ``id, conclusion, stance, premise, values``, where the premise is the text
and the conclusion the group, since an answer's key point comes without a conclusion.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...domain.errors import FileError
from ...domain.framework import Framework
from ...domain.reading.files import read_bytes, unpacked
from ...domain.texts.safe_text import one_line

MOST_CHARACTERS = 100_000
"""No key point is longer; a text that is gets left out and counted."""

LEAST_WEIGHT, MOST_WEIGHT = 1e-6, 1e9
"""Weights beyond these are no counts of answers, and their sums are not exact."""

NOT_OF_SCHWARTZ_TEN = frozenset({"face", "humility"})
"""Categories of ValueEval (from Schwartz's later list) that the ten basic values do not have."""


@dataclass(frozen=True)
class LabelledText:
    """One row: its texts on one line each (one, or one answer's key points) and the values that people see in them.

    ``weight`` is in proportion to 1 / the probability with which the row was drawn.
    """

    id: str
    texts: tuple[str, ...]
    values: frozenset[str]
    group: str
    model: str | None
    weight: float = 1.0

    @property
    def text(self) -> str:
        """All of it as one text."""
        return " ".join(self.texts)


@dataclass(frozen=True)
class LabelledTexts:
    """The rows that can be used, and what became of the rest.

    ``read`` counts all rows, ``left_out`` rows by reason, ``labels_dropped`` labels that the framework does not have.
    ``sha256`` is of the files' bytes, in the order given.
    """

    rows: tuple[LabelledText, ...]
    read: int
    left_out: dict[str, int]
    labels_dropped: dict[str, int]
    sha256: str


@dataclass
class _Reading:
    """What is known while files are read."""

    framework: Framework
    rows: list[LabelledText] = field(default_factory=list)
    seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    labels_dropped: Counter[str] = field(default_factory=Counter)
    read: int = 0


def read_labelled_texts(paths: Sequence[Path], framework: Framework) -> LabelledTexts:
    """All rows of the files. Raises ``FileError`` with the row for what cannot be read or would be guesswork.

    Left out and counted: empty texts, texts over ``MOST_CHARACTERS``, rows that somebody skipped, and rows that stand
    twice word for word.
    """
    reading, digest = _Reading(framework), sha256()
    for path in paths:
        data = unpacked(path, read_bytes(path))
        digest.update(data)
        for place, line in _lines(path, data):
            reading.read += 1
            _take(reading, path, place, _object(path, place, line))
    if not reading.rows:
        raise FileError(paths[0], "holds no row that can be used", remedy="see 'adaem judge train --help' for the form")
    return LabelledTexts(
        rows=tuple(reading.rows),
        read=reading.read,
        left_out=dict(reading.left_out),
        labels_dropped=dict(reading.labels_dropped),
        sha256=digest.hexdigest(),
    )


def _lines(path: Path, data: bytes) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            text = line.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise FileError(path, "is not UTF-8 text", place=f"line {number}", remedy="save it as UTF-8") from None
        if text:
            yield f"line {number}", text


def _object(path: Path, place: str, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise FileError(path, "not valid JSON", place=place, remedy="write one JSON object a line") from None
    if not isinstance(row, dict):
        raise FileError(path, "is not a JSON object", place=place, remedy="write one JSON object a line")
    return row


def _take(reading: _Reading, path: Path, place: str, row: dict[str, Any]) -> None:
    own = "text" in row
    needed = ("text", "values") if own else ("id", "conclusion", "premise", "values")
    if missing := [key for key in needed if key not in row]:
        said = "text" if missing == ["id", "conclusion", "premise"] else missing[0]
        raise FileError(path, f"the key {said!r} is missing", place=place, remedy="a row needs 'text' and 'values'")
    given = row["text"] if own else row["premise"]
    pieces = given if isinstance(given, list) else [given]
    if not all(isinstance(piece, str) for piece in pieces):
        raise FileError(path, "the text is neither a string nor a list of strings", place=place, remedy="fix the row")
    texts = tuple(text for piece in pieces if (text := one_line(piece)))
    if own and row["values"] is None:
        reading.left_out["skipped by who labelled"] += 1
        return
    values = _values(reading, path, place, row["values"], own)
    if not texts:
        reading.left_out["empty text"] += 1
        return
    if sum(map(len, texts)) > MOST_CHARACTERS:
        reading.left_out[f"longer than {MOST_CHARACTERS:,} characters"] += 1
        return
    row_id = _word(path, place, row, "id") or f"{path.name}, {place}"
    group = _word(path, place, row, "group" if own else "conclusion")
    content = json.dumps([texts, sorted(values), group, row.get("model")])
    if row_id in reading.seen:
        known, where = reading.seen[row_id]
        if known != content:
            raise FileError(
                path, f"the id {row_id!r} stands for another row on {where}", place=place, remedy="give each its own"
            )
        reading.left_out["duplicate row"] += 1
        return
    reading.seen[row_id] = content, f"{path.name} {place}"
    reading.rows.append(
        LabelledText(
            row_id,
            texts,
            values,
            group or " ".join(texts),
            _word(path, place, row, "model") or None,
            _weight(path, place, row.get("weight", 1.0)),
        )
    )


def _weight(path: Path, place: str, given: object) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool) and LEAST_WEIGHT <= given <= MOST_WEIGHT:
        return float(given)
    problem = f"'weight' is not a number from {LEAST_WEIGHT:g} to {MOST_WEIGHT:g}"
    raise FileError(path, problem, place=place, remedy="leave it out, or correct it")


def _word(path: Path, place: str, row: dict[str, Any], key: str) -> str:
    """An optional short text or number as a text; "" where there is none."""
    found = row.get(key)
    if found is None:
        return ""
    if not isinstance(found, str | int):
        raise FileError(path, f"{key!r} is neither a text nor a number", place=place, remedy="fix the row")
    return one_line(str(found))


def _values(reading: _Reading, path: Path, place: str, given: object, own: bool) -> frozenset[str]:
    if not isinstance(given, list) or not all(isinstance(value, str) for value in given):
        raise FileError(path, "'values' is no list of texts", place=place, remedy='write it as ["power", …] or []')
    known = {value.id: value.id for value in reading.framework.values}
    known |= {value.name.lower(): value.id for value in reading.framework.values}
    found = set()
    for value in given:
        name = (value if own else value.partition(":")[0]).strip().lower()
        if name in known:
            found.add(known[name])
        elif not own and name in NOT_OF_SCHWARTZ_TEN:
            reading.labels_dropped[name] += 1
        else:
            raise FileError(
                path,
                f"{one_line(value)!r:.60} is no value of the framework {reading.framework.id!r}",
                place=place,
                remedy=f"its values are {', '.join(reading.framework.value_ids)}",
            )
    return frozenset(found)


def source_groups(rows: Sequence[LabelledText]) -> list[int]:
    """A number for each row's source: rows share one when they share a group or, word for word, a text.

    Folds and clusters are made of these, so that no text is on both sides.
    """
    parent = list(range(len(rows)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    first: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows):
        for key in (("group", row.group), ("text", row.text.casefold())):
            parent[root(number)] = root(first.setdefault(key, number))
    numbers = {found: position for position, found in enumerate(dict.fromkeys(map(root, range(len(rows)))))}
    return [numbers[root(number)] for number in range(len(rows))]
