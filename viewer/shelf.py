"""The folders that are shown: found below what the user named, each by a key that stands in addresses."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ..domain.errors import InputError
from ..records.folder import RATINGS_FILE
from ..results.browsing.listed_folders import ListedFolder, as_it_is_now, folders_below, listed_folder
from ..results.browsing.question_rows import QuestionIndex
from ..results.browsing.run_follower import RunFollower
from .step_index import StepIndex

MOST_OPEN = 6
"""Folders whose tables are kept in memory at a time."""

T = TypeVar("T")


class Shelf:
    """All folders, looked for again whenever they are listed; what was read of each is kept while it does not change.

    May be used by several threads.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(roots)
        self._lock = threading.Lock()
        self._paths: dict[str, Path] = {}
        self._read: dict[Path, tuple[object, ListedFolder]] = {}
        self._open: OrderedDict[tuple[str, Path], Any] = OrderedDict()

    def entries(self) -> list[ListedFolder]:
        """All folders, in the order of their keys."""
        with self._lock:
            self._paths = _keyed(self._paths, list(folders_below(self._roots)))
            return [self._entry(key, path) for key, path in sorted(self._paths.items())]

    def entry(self, key: str) -> ListedFolder:
        """The folder with this key. Raises ``InputError`` for none, or one that cannot be read."""
        if key not in self._paths:
            self.entries()
        with self._lock:
            if key not in self._paths:
                raise InputError(f"no folder here is called {key!r} — see the list of runs")
            entry = self._entry(key, self._paths[key])
        if entry.problem:
            raise InputError(entry.problem)
        return entry

    def questions(self, entry: ListedFolder) -> QuestionIndex:
        """Its table of questions."""
        return self._opened("questions", entry, lambda: QuestionIndex(entry.folder))

    def steps(self, entry: ListedFolder) -> StepIndex:
        """Its trace."""
        return self._opened("steps", entry, lambda: StepIndex(entry.folder))

    def follower(self, entry: ListedFolder) -> RunFollower:
        """How far it is."""
        return self._opened("follower", entry, lambda: RunFollower(entry.folder))

    def _opened(self, what: str, entry: ListedFolder, make: Callable[[], T]) -> T:
        with self._lock:
            key = what, entry.path
            if key not in self._open:
                self._open[key] = make()
            self._open.move_to_end(key)
            while len(self._open) > 3 * MOST_OPEN:
                self._open.popitem(last=False)
            opened: T = self._open[key]
            return opened

    def _entry(self, key: str, path: Path) -> ListedFolder:
        manifest_path = path / "manifest.json"
        try:
            file = manifest_path if manifest_path.exists() else path / RATINGS_FILE
            status = file.stat()
            stamp: object = (key, status.st_mtime_ns, status.st_size, status.st_ino)
        except OSError:
            stamp = None
        known = self._read.get(path)
        if known is None or known[0] != stamp or known[1].problem:
            known = self._read[path] = (stamp, listed_folder(key, path))
        return as_it_is_now(known[1])


def _keyed(known: dict[str, Path], paths: Sequence[Path]) -> dict[str, Path]:
    """A key for each path: its name, with a number where that is taken. A key never changes its folder.

    Bytes of a name that are no UTF-8 cannot stand in an address, and become "�".
    """
    found = set(paths)
    keyed = {key: path for key, path in known.items() if path in found}
    has_key = set(keyed.values())
    for path in paths:
        if path in has_key:
            continue
        name = os.fsencode(path.name).decode("utf-8", "replace") or "folder"
        key, number = name, 1
        while key in keyed:
            number += 1
            key = f"{name}-{number}"
        keyed[key] = path
    return keyed
