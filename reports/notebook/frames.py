"""Rows as data frames of pandas, where that is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...domain.errors import InputError
from ..export.columns import Column, Kind

_FRAME_TYPES = {
    Kind.TEXT: "string",
    Kind.INTEGER: "Int64",
    Kind.NUMBER: "float64",
    Kind.TRUTH: "boolean",
    Kind.JSON: "object",
}
"""Types that know a missing cell: pandas would otherwise make floats of integers, and objects of truths."""


def typed_frame(rows: Sequence[dict[str, Any]], columns: Sequence[Column]) -> Any:
    """A table of an export. Raises ``InputError`` when pandas is not installed."""
    frame = _pandas().DataFrame.from_records(rows, columns=[column.name for column in columns])
    return frame.astype({column.name: _FRAME_TYPES[column.kind] for column in columns})


def untyped_frame(rows: Sequence[dict[str, Any]]) -> Any:
    """Rows with the same keys. Raises ``InputError`` when pandas is not installed."""
    frame = _pandas().DataFrame.from_records(rows).convert_dtypes(convert_floating=False, convert_integer=False)
    unknown = [name for name in frame.columns if frame[name].isna().all()]  # figures that nothing is known of
    return frame.astype(dict.fromkeys(unknown, "float64"))


def _pandas() -> Any:
    try:
        import pandas
    except ModuleNotFoundError:
        raise InputError("a data frame needs pandas, which is not installed — pip install pandas") from None
    return pandas
