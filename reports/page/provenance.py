"""What a folder was made with: its members, commands and settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ...records import Manifest


@dataclass(frozen=True)
class Provenance:
    """``members`` are (id, model, roles); ``commands`` make or show the folder again; ``settings`` is JSON."""

    members: tuple[tuple[str, str, str], ...]
    commands: tuple[str, ...]
    settings: str


def provenance(manifest: Manifest) -> Provenance:
    """From the manifest."""
    members = manifest.pool.members if manifest.pool is not None else ()
    return Provenance(
        members=tuple((each.id, each.model, ", ".join(role.value for role in each.roles)) for each in members),
        commands=_commands(manifest),
        settings=json.dumps(_settings(manifest), indent=2, ensure_ascii=False),
    )


def _commands(manifest: Manifest) -> tuple[str, ...]:
    """RUN stands for the folder: where it lies is nobody's business."""
    grown = manifest.evaluation is None and manifest.recorded is None
    replay = ("adaem run --replay RUN",) if grown else ()
    return (*replay, "adaem report RUN --html report.html")


def _settings(manifest: Manifest) -> dict[str, Any]:
    """The settings; files by their names alone, for the same reason."""
    settings = manifest.settings.model_dump(mode="json")
    return settings | {
        key: PurePath(settings[key]).name for key in ("framework", "pool", "prompts", "memory") if settings[key]
    }
