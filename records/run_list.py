"""The runs that lie in a folder, and which of them is the newest."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from ..domain.errors import AdaemError, InputError
from ..domain.reading.files import read_bytes
from .folder import LARGEST_MANIFEST, RATINGS_FILE, RUNS, RunFolder

LATEST = "latest"


def runs_in(place: Path) -> list[Path]:
    """The folders of runs, evaluations and imports in ``place``, the newest first. Empty where there is no such place.

    A folder whose manifest cannot be read stands last: whoever opens it says why.
    """
    if not place.is_dir():
        return []
    dated = {path: made for path in place.iterdir() if (made := _made_at(path)) is not None}
    return sorted(dated, key=lambda path: (dated[path], path.name), reverse=True)


def run_path(name: str) -> Path:
    """The folder that a user names; ``latest`` is the newest in ``runs/``, unless a folder has that name.

    Raises ``InputError`` for ``latest`` where there is no run.
    """
    path = Path(name)
    if name != LATEST or path.exists():
        return path
    runs = runs_in(RUNS)
    if not runs:
        raise InputError(f"{LATEST}: there is no run in {RUNS}/ — begin one with 'adaem run', or name its folder")
    return runs[0]


def _made_at(path: Path) -> str | None:
    """When a folder was made, as its manifest or its ratings say; empty where that is not readable; None for others."""
    for file in (RunFolder(path).manifest_path, path / RATINGS_FILE):
        if file.is_file():
            with suppress(OSError, ValueError, AdaemError):
                content = json.loads(read_bytes(file, LARGEST_MANIFEST))
                return str(content["created_at"]) if isinstance(content, dict) and "created_at" in content else ""
            return ""
    return None
