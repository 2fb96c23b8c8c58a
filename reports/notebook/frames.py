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


def untyped_frame(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> Any:
    """Rows with ``columns`` as keys, or no rows; columns have the types of their cells.

    Raises ``InputError`` when pandas is not installed.
    """
    frame = _pandas().DataFrame.from_records(rows, columns=list(columns))
    return frame.astype({name: _FRAME_TYPES[_kind([row[name] for row in rows])] for name in frame.columns})


def _kind(cells: Sequence[Any]) -> Kind:
    """What a column holds; figures where nothing is known."""
    types = {type(cell) for cell in cells if cell is not None}
    for kind, own in ((Kind.NUMBER, {float, int}), (Kind.TEXT, {str}), (Kind.TRUTH, {bool})):
        if types <= own:
            return Kind.INTEGER if types == {int} else kind
    return Kind.JSON


def _pandas() -> Any:
    try:
        import pandas
    except ModuleNotFoundError:
        raise InputError("a data frame needs pandas, which is not installed — pip install pandas") from None
    return pandas
