"""Every setting with its value and where that comes from: the default, a line of a file, or the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from .reading.yaml_records import line_of, load_settings, read_text, read_yaml, settings_path
from .record import Record

DEFAULT, COMMAND_LINE = "default", "command line"


class ResolvedSetting(Record):
    """One setting. ``key`` is dotted; ``source``: "default", "FILE line N", "command line"."""

    key: str
    value: Any
    source: str
    meaning: str


def resolved_settings(config: Path | None, overrides: Mapping[str, Any]) -> tuple[ResolvedSetting, ...]:
    """All settings in the order of ``Settings``, as a run with the same arguments would take them.

    Raises ``FileError`` or ``InputError`` as ``load_settings`` does.
    """
    settings = load_settings(config, overrides)
    given = read_yaml(settings_path(config)) if config is not None else {}
    written = read_text(settings_path(config)) if config is not None else ""

    def source(key: str) -> str:
        if any(key == name or key.startswith(f"{name}.") for name in overrides):
            return COMMAND_LINE
        path = key.split(".")
        return f"{config} line {line_of(written, path)}" if _holds(given, path) else DEFAULT

    return tuple(
        ResolvedSetting(key=key, value=value, source=source(key), meaning=meaning)
        for key, value, meaning in _all(settings)
    )


def _all(group: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any, str]]:
    values = group.model_dump(mode="json")
    for name, field in type(group).model_fields.items():
        held = getattr(group, name)
        if isinstance(held, BaseModel):
            yield from _all(held, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", values[name], field.description or ""


def _holds(data: Any, path: list[str]) -> bool:
    for part in path:
        if not isinstance(data, dict) or part not in data:
            return False
        data = data[part]
    return True
