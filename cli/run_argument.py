"""How verbs take a run's folder: as a path, or as ``latest``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run_folder(name: str) -> Path:
    """The folder that was named. Raises ``InputError`` for ``latest`` where there is no run."""
    from ..records.run_list import run_path

    return run_path(name)


RunArgument = Annotated[
    Path,
    typer.Argument(metavar="RUN", help="The folder of a run; 'latest' is the newest in runs/.", parser=run_folder),
]
