"""The folder of imported ratings: one file, ``ratings.json``, which is the truth. Nobody was asked and nothing judged.

It is no run: there are no questions to go on with, no calls and no trace. ``adaem report`` shows it.
"""

from __future__ import annotations

import math
from pathlib import Path

from pydantic import Field, ValidationError

from ..domain.errors import FileError
from ..domain.reading.files import check_plain, read_bytes
from ..domain.record import Record
from .folder import RATINGS_FILE
from .recorded_ratings import RatedItem, Rating, RatingsSource, RecordedRatings
from .whole_file import write_whole

RATINGS_VERSION = 1
LARGEST_RATINGS = 512_000_000
"""Bytes; six thousand ratings have half a million."""


class RatingsFile(Record):
    """What ``ratings.json`` holds; times are UTC."""

    schema_version: int = Field(default=RATINGS_VERSION, ge=RATINGS_VERSION, le=RATINGS_VERSION)
    run_id: str
    adaem_version: str
    created_at: str
    source: RatingsSource
    items: tuple[RatedItem, ...]
    ratings: tuple[Rating, ...]

    @property
    def recorded(self) -> RecordedRatings:
        """The ratings as they were read."""
        return RecordedRatings(self.source, self.items, self.ratings)


def holds_ratings(path: Path) -> bool:
    """Whether ``path`` is a folder of imported ratings."""
    return (path / RATINGS_FILE).is_file()


def write_ratings(path: Path, content: RatingsFile) -> None:
    """Writes the file into the folder ``path``, whole or not at all."""
    write_whole(path / RATINGS_FILE, content.model_dump_json() + "\n")


def load_ratings(path: Path) -> RatingsFile:
    """The ratings in the folder ``path``. Raises ``FileError`` when it is none, or its parts do not fit."""
    check_plain(path)
    file = path / RATINGS_FILE
    try:
        content = RatingsFile.model_validate_json(read_bytes(file, LARGEST_RATINGS))
        values, models, items = len(content.source.values), len(content.source.models), len(content.items)
        fits = all(item.value is None or item.value < values for item in content.items) and all(
            each.item < items and each.model < models for each in content.ratings
        )
        low, high = content.source.scale
        fits &= len(set(content.source.models)) == models and math.isfinite(high - low)
        fits &= low < high and all(each.rating is None or low <= each.rating <= high for each in content.ratings)
    except ValidationError:
        fits = False
    if not fits:
        problem = "is damaged, or was written by another version of adaem"
        raise FileError(file, problem, remedy="import the ratings again")
    return content
