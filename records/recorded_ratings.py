"""Ratings that exist already, read from JSON lines or CSV: how far a model agrees with items that measure values.

An item measures one value, with it or (keyed -1) against it. An item without a value, and a row without a rating, is
missing: counted, and in no figure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from ..domain.errors import FileError, InputError
from ..domain.framework import Framework
from ..domain.record import Record
from ..domain.texts.safe_text import one_line
from .formats.table_rows import read_bytes
from .rating_rows import RatingRow, rating_rows

MOST_TAGS = 1000
"""More are a sign that the column holds something else, such as the items' texts."""

MOST_COMPARISONS = 200_000
"""Pairs of models times values in one report; twenty models on a thousand values make 190,000."""


class RatedItem(Record):
    """One item: the value that it measures (index into ``RatingsSource.values``; None: untagged), and how it is keyed.

    ``topic`` is the unit of intervals: the item itself where no column of topics is named.
    """

    id: str
    value: int | None = Field(ge=0)
    keyed: Literal[-1, 1]
    topic: str


class Rating(Record):
    """What one model answered to one item, on the file's scale; None is missing. Indices into the items and models."""

    item: int = Field(ge=0)
    model: int = Field(ge=0)
    rating: float | None = Field(allow_inf_nan=False)


class RatingsSource(Record):
    """Where ratings come from, and what was found there. The file's name and digest, never its place.

    framework   the name of the framework whose values the file names; empty where the file's own tags are the values
    values      names by id, in the framework's order, or in that of the file
    scale       lowest and highest rating that can be given; ``scale_stated``: by the user, else they are the file's
    """

    file: str
    sha256: str
    columns: dict[str, str]
    rows: int
    models: tuple[str, ...] = Field(min_length=2)
    framework: str
    values: dict[str, str] = Field(min_length=1)
    scale: tuple[float, float]
    scale_stated: bool

    @model_validator(mode="after")
    def _can_be_compared(self) -> RatingsSource:
        if comparisons(self.models, self.values) > MOST_COMPARISONS:
            raise ValueError(f"more than {MOST_COMPARISONS:,} comparisons of two models on a value")
        return self


@dataclass(frozen=True)
class RecordedRatings:
    """A file of ratings: items in the order of their first row, ratings in that of the rows."""

    source: RatingsSource
    items: tuple[RatedItem, ...]
    ratings: tuple[Rating, ...]


def read_ratings(
    path: Path,
    rating: str,
    columns: Mapping[str, str],
    *,
    scale: tuple[float, float] | None = None,
    framework: Framework | None = None,
) -> RecordedRatings:
    """All ratings of a file: JSON lines or CSV, plain or gzipped. ``rating`` names their column.

    ``columns`` maps ``RATING_COLUMNS`` to the file's. Without a ``scale`` the lowest and the highest rating are its
    ends; with a ``framework`` tags must be ids or names of its values. Raises ``FileError`` with the row that cannot
    be read, lacks a column, is a duplicate, or contradicts an earlier one.
    """
    data = read_bytes(path)
    rows = list(rating_rows(path, data, rating, columns))
    if not rows:
        raise FileError(path, "holds no ratings", remedy="give it one row for each rating")
    models = tuple(sorted({row.model for row in rows}))
    if len(models) < 2:
        problem = f"all ratings are of one model, {models[0]!r}"
        raise FileError(path, problem, place=rows[0].place, remedy="give two models or more, to be compared")
    ends = _scale(path, rows, scale)
    items = _items(path, rows)
    values = _values(path, [row for row in items.values() if row.value], framework)
    if all(row.rating is None or not row.value for row in rows):
        what = "no row has a rating of an item with a value"
        raise FileError(path, what, remedy=f"tag the items in the column {columns.get('value', 'value')!r}")
    if (number := comparisons(models, values)) > MOST_COMPARISONS:
        problem = f"{len(models):,} models on {len(values):,} values make {number:,} comparisons"
        remedy = (
            f"{MOST_COMPARISONS:,} at most: give fewer models, or name a column of broader values (--map value=COLUMN)"
        )
        raise FileError(path, problem, remedy=remedy)
    _check_repetitions(path, rows)
    ids = list(values)
    tags = {tag: number for number, (_, tags) in enumerate(values.values()) for tag in tags}
    places = {item: number for number, item in enumerate(items)}
    return RecordedRatings(
        RatingsSource(
            file=one_line(path.name),
            sha256=sha256(data).hexdigest(),
            columns={**columns, "rating": rating},
            rows=len(rows),
            models=models,
            framework=framework.name if framework else "",
            values={each: values[each][0] for each in ids},
            scale=ends,
            scale_stated=scale is not None,
        ),
        tuple(
            RatedItem(
                id=row.item, value=tags[row.value] if row.value else None, keyed=row.keyed, topic=row.topic or row.item
            )
            for row in items.values()
        ),
        tuple(Rating(item=places[row.item], model=models.index(row.model), rating=row.rating) for row in rows),
    )


def _scale(path: Path, rows: list[RatingRow], stated: tuple[float, float] | None) -> tuple[float, float]:
    if stated is not None and not -math.inf < stated[0] < stated[1] < math.inf:
        raise InputError(f"--scale {stated[0]:g} {stated[1]:g}: two numbers are needed, the lower one first")
    given = [(row.rating, row.place) for row in rows if row.rating is not None]
    low, high = stated or (min((each for each, _ in given), default=0.0), max((each for each, _ in given), default=0.0))
    for rating, place in given:
        if not low <= rating <= high:
            problem = f"the rating {rating:g} lies outside the scale from {low:g} to {high:g}"
            raise FileError(path, problem, place=place, remedy="correct it, or state another scale with --scale")
    if not math.isfinite(high - low):
        problem = f"the scale from {low:g} to {high:g} is too wide"
        raise FileError(path, problem, remedy="correct the file, or state another scale with --scale")
    if low >= high:
        problem = f"every rating is {low:g}" if given else "holds no rating: every cell of the column is empty"
        raise FileError(path, problem, remedy="state the scale: --scale LOW HIGH" if given else "name another column")
    return low, high


def _items(path: Path, rows: list[RatingRow]) -> dict[str, RatingRow]:
    """The first row of each item. Raises ``FileError`` where a later one describes the item otherwise."""
    items: dict[str, RatingRow] = {}
    for row in rows:
        first = items.setdefault(row.item, row)
        for what, one, other in (
            ("value", first.value, row.value),
            ("keying", first.keyed, row.keyed),
            ("topic", first.topic, row.topic),
        ):
            if one != other:
                problem = f"the {what} of question {row.item!r} is {other!r} here and {one!r} in {first.place}"
                remedy = "give each value of an item its own question_id" if what == "value" else "write one of the two"
                raise FileError(path, problem, place=row.place, remedy=remedy)
    return items


def _values(path: Path, rows: list[RatingRow], framework: Framework | None) -> dict[str, tuple[str, set[str]]]:
    """By value id: its name, and the tags that stand for it."""
    if framework is None:
        tags = dict.fromkeys(row.value for row in rows)
        if len(tags) > MOST_TAGS:
            problem = f"{len(tags):,} values are too many: {MOST_TAGS:,} at most"
            raise FileError(path, problem, remedy="name the column that holds the value: --map value=COLUMN")
        return {tag: (tag, {tag}) for tag in tags}
    known = {name.casefold(): each.id for each in framework.values for name in (each.id, each.name)}
    found: dict[str, tuple[str, set[str]]] = {each.id: (each.name, set()) for each in framework.values}
    for row in rows:
        value = known.get(row.value.casefold())
        if value is None:
            near = get_close_matches(row.value.casefold(), known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"its values are {', '.join(framework.value_ids)}"
            problem = f"the value {row.value!r} is none of the framework {framework.id!r}"
            raise FileError(path, problem, place=row.place, remedy=hint)
        found[value][1].add(row.value)
    return found


def _check_repetitions(path: Path, rows: list[RatingRow]) -> None:
    seen: dict[tuple[str, str, tuple[str, str]], str] = {}
    for row in rows:
        key = row.item, row.model, row.repetition
        if key in seen:
            problem = f"question {row.item!r}, model {row.model!r} is a duplicate of {seen[key]}"
            raise FileError(path, problem, place=row.place, remedy="remove one, or tell them apart by a column sample")
        seen[key] = row.place


def comparisons(models: Sized, values: Sized) -> int:
    """How many pairs of models there are on all values together."""
    return len(models) * (len(models) - 1) // 2 * len(values)


def outcomes(recorded: RecordedRatings) -> list[Counter[str]]:
    """(K,) how many rows of each model count ("rated"), and how many are missing, by reason."""
    counters: list[Counter[str]] = [Counter() for _ in recorded.source.models]
    for each in recorded.ratings:
        untagged = recorded.items[each.item].value is None
        counters[each.model]["no rating" if each.rating is None else "no value" if untagged else "rated"] += 1
    return counters
