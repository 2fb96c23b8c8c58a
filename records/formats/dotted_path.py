"""A value inside a row, by a dotted path: ``metadata.topic``, ``choices.0.message.content``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ABSENT: Any = object()
"""Stands where there is nothing: a null is a value."""


def value_at(row: Mapping[str, object], path: str) -> Any:
    """The value of the column ``path``, or what the dotted path leads to; ``ABSENT`` where there is none.

    A column of that very name goes first. Whole numbers are places in a list, from 0.

    >>> value_at({"choices": [{"text": "Yes."}]}, "choices.0.text")
    'Yes.'
    """
    if path in row:
        return row[path]
    value: Any = row
    for part in path.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return ABSENT
    return value
