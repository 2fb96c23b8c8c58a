"""Where the weights of local models lie, in one folder a model."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

VARIABLE = "ADAEM_MODELS"


def models_folder() -> Path:
    """The folder that the environment variable ``ADAEM_MODELS`` names, else ``models`` in the user's cache.

    It need not exist. Read at each call: a test or a notebook may set the variable later.
    """
    if named := os.environ.get(VARIABLE, "").strip():
        return Path(named).expanduser()
    return Path(platformdirs.user_cache_path("adaem", appauthor=False)) / "models"
