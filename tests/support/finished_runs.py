"""Finished runs that several test files begin with: made once in a session, by whichever process needs them first."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

from adaem.records import RunFolder
from filelock import FileLock
from growing import grow, simulated_pool


class FinishedRuns:
    """Copies of runs, kept in ``root``; a run is its folder, so that every verb works on a copy."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def copy(self, path: Path, **settings: Any) -> RunFolder:
        """As ``grow`` with these settings, in ``path``; without a ``pool`` it is ``simulated_pool``'s."""
        home = self._root / sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
        done = home / "done"
        with FileLock(home.with_suffix(".lock")):
            if not done.exists():
                shutil.rmtree(home, ignore_errors=True)
                home.mkdir()
                pool: dict[str, Any] = {} if "pool" in settings else {"pool": simulated_pool(home / "pool.yaml")}
                grow(home / "run", **pool, **settings)
                done.touch()
        shutil.copytree(home / "run", path)
        return RunFolder(path)
