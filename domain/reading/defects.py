"""What is wrong with data that do not fit a record, in words that presume neither Python nor regular expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from ..framework import IDENTIFIER, Misplaced
from ..pool_spec import MEMBER_ID, MODEL

_PATTERNS = {
    IDENTIFIER: ("is not a valid id", "an id has small letters, digits, '-' and '_', a letter first, at most 64"),
    MEMBER_ID: (
        "is not a valid id",
        "an id has letters, digits, '.', '-' and '_', a letter or digit first, at most 64",
    ),
    MODEL: ("has no provider", "write PROVIDER:MODEL, for example openai:gpt-5.4-mini"),
}

_SHAPES = {
    "string_type": "is not text",
    "tuple_type": "is not a list",
    "list_type": "is not a list",
    "dict_type": "is not a group of 'name: value' lines",
    "model_type": "is not a group of 'name: value' lines",
    "model_attributes_type": "is not a group of 'name: value' lines",
}


def worst_defect(error: ValidationError, model: type[BaseModel]) -> tuple[tuple[int | str, ...], str, str]:
    """Where the defect to be told lies, what it is, and what to do; that may be empty.

    An unknown key goes first: a key that is misspelt is missing too, and only its spelling tells why.
    """
    defects = sorted(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
    first = defects[0]
    cause = first.get("ctx", {}).get("error")
    location = (*first["loc"], *cause.location) if isinstance(cause, Misplaced) else first["loc"]
    problem, remedy = _describe(first, location, model)
    if len(defects) > 1:
        remedy = f"{remedy} ({len(defects) - 1} more like it)".strip()
    return location, problem, remedy


def _describe(defect: Mapping[str, Any], location: Sequence[int | str], model: type[BaseModel]) -> tuple[str, str]:
    kind = defect["type"]
    given = defect.get("input")
    limits = defect.get("ctx", {})
    if kind == "extra_forbidden":
        near = get_close_matches(str(location[-1]), _keys(model, location[:-1]), n=3)
        return "unknown key", f"did you mean {' or '.join(near)}?" if near else "remove it or check its spelling"
    if kind == "missing":
        return "this key is missing", "add it"
    if kind == "string_type" and isinstance(given, bool | int | float | date):
        what = "true or false" if isinstance(given, bool) else "a date" if isinstance(given, date) else "a number"
        return f"YAML reads this as {what}, {given!s:.60}, and not as text", "put it in quotes"
    if given is None and kind in (*_SHAPES, "int_type", "float_type"):
        return "has no value", "write a value, or remove the key"
    if kind == "string_too_short":
        return "is empty", "write it"
    if kind == "too_short":
        return f"has {limits['actual_length']} of at least {limits['min_length']} entries", "add to them"
    if kind == "string_pattern_mismatch" and limits.get("pattern") in _PATTERNS:
        words, remedy = _PATTERNS[limits["pattern"]]
        return f"{given!r:.60} {words}", remedy
    message = _SHAPES.get(kind, defect["msg"].removeprefix("Value error, "))
    # Neither a key variable's name nor a system prompt is shown: the key itself may stand there by mistake.
    if isinstance(given, str | int | float | bool) and location[-1:] not in (("key_variable",), ("system",)):
        message += f" (found {given!r:.60})"
    return message, ""


def _keys(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """The keys that a record may have at ``location``; none where that leads elsewhere."""
    at: Any = model
    for part in location:
        if isinstance(part, int):
            continue  # an entry of a list: the record that the list holds
        field = at.model_fields.get(part)
        held = [] if field is None else [field.annotation, *getattr(field.annotation, "__args__", ())]
        records = [each for each in held if isinstance(each, type) and issubclass(each, BaseModel)]
        if not records:
            return []
        at = records[0]
    return list(at.model_fields)
