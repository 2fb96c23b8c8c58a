"""The folders that are shown: found below what the user named, each by a key that stands in addresses."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..domain.errors import AdaemError, FileError, InputError
from ..records import Manifest, RunFolder
from ..records.folder import RATINGS_FILE
from ..records.ratings_folder import holds_ratings, load_ratings
from ..records.status import is_running
from ..results.browsing.question_rows import QuestionIndex
from ..results.browsing.run_follower import RunFollower
from .step_index import StepIndex

DEPTH = 3
"""Folders below the one that is named in which runs are looked for."""

MOST_FOLDERS = 20_000
"""Folders that are looked into; a home directory has more."""

MOST_OPEN = 6
"""Folders whose tables are kept in memory at a time."""

T = TypeVar("T")


@dataclass(frozen=True)
class ListedRatings:
    """What the list shows of a folder of ratings: when they were imported, and how many of each there are."""

    created_at: str
    values: int
    models: int
    items: int


@dataclass(frozen=True)
class ListedFolder:
    """One folder. ``key`` names it in addresses; ``problem`` says in one line why it cannot be shown.

    ``manifest`` is that of a run, an evaluation or an import, ``ratings`` what there is in a folder of ratings.
    """

    key: str
    path: Path
    manifest: Manifest | None = None
    ratings: ListedRatings | None = None
    problem: str = ""

    @property
    def folder(self) -> RunFolder:
        """Its files."""
        return RunFolder(self.path)

    @property
    def kind(self) -> str:
        """What it is, as a reader calls it."""
        if self.manifest is None:
            return "ratings" if self.ratings is not None else "unreadable"
        if self.manifest.recorded is not None:
            return "import"
        if self.manifest.evaluation is not None:
            return "evaluation"
        return "fork" if self.manifest.fork is not None else "replay" if self.manifest.replay_of else "run"

    @property
    def made(self) -> Manifest:
        """The manifest. Raises ``InputError`` for a folder that has none."""
        if self.manifest is None:
            raise InputError(self.problem or f"{self.key}: holds ratings, which have neither questions nor a trace")
        return self.manifest


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
            self._paths = _keyed(self._paths, _found(self._roots))
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
            known = self._read[path] = (stamp, _read(key, path))
        return _as_it_is_now(known[1])


def check_roots(roots: Sequence[Path]) -> None:
    """Raises ``FileError`` for one that is no folder."""
    for root in roots:
        if not root.is_dir():
            raise FileError(root, "is no folder", remedy="name the folder of a run, or one that holds runs")


def is_shown(path: Path) -> bool:
    """Whether ``path`` itself is the folder of a run or of ratings; one that may not be entered is not."""
    try:
        return RunFolder(path).manifest_path.is_file() or holds_ratings(path)
    except OSError:
        return False


def _of_ratings(path: Path) -> bool:
    return holds_ratings(path) and not RunFolder(path).manifest_path.exists()


def _read(key: str, path: Path) -> ListedFolder:
    try:
        if (path / "manifest.json").exists():
            return ListedFolder(key, path, manifest=RunFolder(path).read_manifest())
        ratings = load_ratings(path)
        counts = (len(each) for each in (ratings.source.values, ratings.source.models, ratings.items))
        return ListedFolder(key, path, ratings=ListedRatings(ratings.created_at, *counts))
    except (AdaemError, OSError) as error:
        return ListedFolder(key, path, problem=str(error))


def _as_it_is_now(entry: ListedFolder) -> ListedFolder:
    """With the status of the process: a manifest that says "running" may be of one that was killed."""
    if entry.manifest is None or entry.manifest.status != "running" or is_running(entry.folder):
        return entry
    return ListedFolder(entry.key, entry.path, manifest=entry.manifest.model_copy(update={"status": "cut off"}))


def _found(roots: Sequence[Path]) -> list[Path]:
    found: dict[Path, None] = {}
    for root in roots:
        found |= dict.fromkeys([root.resolve()] if is_shown(root) else _below(root.resolve()))
    return list(found)


def _below(root: Path) -> Iterator[Path]:
    """Folders of runs below ``root``, at most ``DEPTH`` levels down; links are not followed."""
    looked = 0
    level = [root]
    for _ in range(DEPTH):
        following: list[Path] = []
        for folder in level:
            try:
                inside = sorted(each.name for each in os.scandir(folder) if each.is_dir(follow_symlinks=False))
            except OSError:
                continue
            for name in inside:
                looked += 1
                if looked > MOST_FOLDERS:
                    return
                path = folder / name
                if is_shown(path) and (_of_ratings(path) or RunFolder(path).records_path.is_file()):
                    yield path  # other programs have files of the manifest's name, too
                elif not name.startswith("."):
                    following.append(path)
        level = following


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
