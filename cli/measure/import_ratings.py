"""``adaem import --ratings``: ratings of items by several models become a folder, and its report is printed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def import_ratings_verb(
    answers: Path,
    rating: str,
    *,
    columns: Sequence[str],
    scale: tuple[float, float] | None,
    framework: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Reads and keeps the ratings, and prints what they say of the models."""
    from ...jobs.imports.rated_import import import_ratings
    from ...records.rating_rows import RATING_COLUMNS
    from ...records.recorded_answers import parse_columns
    from ..inspect.report import rated_report_verb

    named = parse_columns(columns, RATING_COLUMNS)
    folder = import_ratings(answers, rating, named, scale=scale, framework=framework, out=out)
    rated_report_verb(folder, as_json)
