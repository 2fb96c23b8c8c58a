"""Ratings become a folder that is reported on: read, checked, and written in one piece. No model is called."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ... import __version__
from ...domain.reading.yaml_records import load_framework
from ...records import create_run
from ...records.folder import RUNS
from ...records.ratings_folder import RatingsFile, write_ratings
from ...records.recorded_ratings import read_ratings
from ..folder.manifests import new_run_id, now


def import_ratings(
    path: Path,
    rating: str,
    columns: Mapping[str, str],
    *,
    scale: tuple[float, float] | None,
    framework: str | None,
    out: Path | None,
) -> Path:
    """The folder, by default ``runs/<run id>``. Raises ``InputError`` with the first defect before anything is made."""
    theory = None if framework is None else load_framework(framework)
    recorded = read_ratings(path, rating, columns, scale=scale, framework=theory)
    content = RatingsFile(
        run_id=new_run_id(),
        adaem_version=__version__,
        created_at=now(),
        source=recorded.source,
        items=recorded.items,
        ratings=recorded.ratings,
    )
    folder = create_run(out or RUNS / content.run_id).path
    write_ratings(folder, content)
    return folder
