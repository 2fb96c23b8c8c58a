"""The rows of a file of ratings, each cell read: who rated what how, and what the item measures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..domain.errors import FileError
from ..domain.texts.safe_text import one_line
from .formats.table_rows import read_rows

RATING_COLUMNS = ("question_id", "model", "value", "keyed", "topic", "wording", "sample")
"""What ``--map`` may name; the rating's own column is given by itself."""

KEYED_COLUMNS = ("keyed", "agreement")
"""Where the keying is looked for when no column is named; ``agreement`` is what ValueBench calls it."""

_MISSING = {"", "nan", "na", "n/a", "<na>", "none", "null"}
_KEYED: dict[str, Literal[-1, 1]] = {
    "1": 1,
    "+1": 1,
    "1.0": 1,
    "+": 1,
    "-1": -1,
    "-1.0": -1,
    "-": -1,
    "−1": -1,
    "−": -1,
}


@dataclass(frozen=True)
class RatingRow:
    """One row with its ``place`` in the file, each text on one line.

    rating      None where it is missing
    value       as the file has it, "" where the item is untagged; ``topic`` is "" where no column is named
    keyed       -1 where agreement means the opposite of the value
    repetition  wording and sample, which tell several ratings of one item by one model apart
    """

    place: str
    item: str
    model: str
    rating: float | None
    value: str
    keyed: Literal[-1, 1]
    topic: str
    repetition: tuple[str, str]


def rating_rows(path: Path, data: bytes, rating: str, columns: Mapping[str, str]) -> Iterator[RatingRow]:
    """The rows of ``data``, read from ``path``; ``rating`` names the ratings' column, ``columns`` maps the others.

    Raises ``FileError`` with the row that lacks a column, or holds what cannot be read.
    """
    name_of = {name: columns.get(name, name) for name in RATING_COLUMNS}
    demanded = {name_of[name] for name in ("question_id", "model", "value", *columns)} | {rating}
    keyed_column: str | None = None
    for number, (place, row) in enumerate(read_rows(path, data)):
        if missing := sorted(demanded - set(row)):
            raise FileError(
                path,
                f"missing: {', '.join(map(one_line, missing))}; present: {', '.join(map(one_line, row)) or 'nothing'}",
                place=place,
                remedy="name the columns: --ratings COLUMN, --map value=trait",
            )
        if number == 0:
            candidates = (
                [columns["keyed"]] if "keyed" in columns else [each for each in KEYED_COLUMNS if each != rating]
            )
            keyed_column = next((each for each in candidates if each in row), None)
        texts = {name: _cell(path, place, name, row.get(column)) for name, column in name_of.items() if name != "keyed"}
        for name in ("question_id", "model"):
            if not texts[name]:
                raise FileError(path, f"the {name} is empty", place=place, remedy="fill it in, or remove the row")
        yield RatingRow(
            place=place,
            item=texts["question_id"],
            model=texts["model"],
            rating=_number(path, place, row[rating]),
            value="" if texts["value"].lower() in _MISSING else texts["value"],
            keyed=1 if keyed_column is None else _direction(path, place, keyed_column, row.get(keyed_column)),
            topic=texts["topic"] if "topic" in columns else "",
            repetition=(texts["wording"], texts["sample"]),
        )


def _cell(path: Path, place: str, name: str, given: object) -> str:
    if given is None or given != given:  # JSON of pandas writes NaN for a missing cell
        return ""
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise FileError(path, f"the {name} is not text ({given!r:.40})", place=place, remedy="write it as text")
    return one_line(str(given))


def _number(path: Path, place: str, given: object) -> float | None:
    if given is None or str(given).strip().lower() in _MISSING:
        return None
    try:
        number = math.nan if isinstance(given, bool) else float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        problem = f"the rating {given!r:.40} is not a number"
        raise FileError(path, problem, place=place, remedy="write a number, or nothing where there is none")
    return number


def _direction(path: Path, place: str, column: str, given: object) -> Literal[-1, 1]:
    keyed = None if isinstance(given, bool) else _KEYED.get(str(given).strip())
    if keyed is None:
        problem = f"the column {one_line(column)!r} holds {given!r:.40}, which is not 1 or -1"
        remedy = "write 1 where agreement means the value and -1 where it means the opposite, or name another column "
        raise FileError(path, problem, place=place, remedy=remedy + "with --map keyed=COLUMN")
    return keyed
