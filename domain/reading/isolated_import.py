"""Libraries that look for settings in the current folder while they are imported are imported from elsewhere.

One may stand in a folder that came from a stranger.
"""

from __future__ import annotations

import sys
from contextlib import chdir
from importlib import import_module
from pathlib import Path


def import_away(name: str) -> None:
    """Imports the library ``name``, unless that has happened, with this package's folder as the current one.

    For matplotlib, which reads ``matplotlibrc``, and chromadb, which reads ``.env``, wherever one stands.
    """
    if name not in sys.modules:
        with chdir(Path(__file__).parent):
            import_module(name)
