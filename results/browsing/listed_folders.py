"""The folders of runs, evaluations, imports and ratings below those that a user names, as far as a list shows them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...domain.errors import AdaemError, FileError, InputError
from ...records import Manifest, RunFolder
from ...records.ratings_folder import holds_ratings, load_ratings
from ...records.status import is_running

DEPTH = 3
"""Folders below the one that is named in which runs are looked for."""

MOST_FOLDERS = 20_000
"""Folders that are looked into; a home directory has more."""


@dataclass(frozen=True)
class ListedRatings:
    """What the list shows of a folder of ratings: when they were imported, who gave them, and how many of what."""

    created_at: str
    values: int
    models: tuple[str, ...]
    items: int


@dataclass(frozen=True)
class ListedFolder:
    """One folder. ``key`` names it in the list; ``problem`` says in one line why it cannot be shown.

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
    def state(self) -> str:
        """Its state in a word or two."""
        if self.manifest is None:
            return "cannot be read" if self.problem else "imported"
        return self.manifest.status

    @property
    def begun(self) -> str:
        """When it was begun or imported, as its file says: ISO 8601, UTC. Empty where that cannot be read."""
        made = self.manifest or self.ratings
        return made.created_at if made is not None else ""

    @property
    def made(self) -> Manifest:
        """The manifest. Raises ``InputError`` for a folder that has none."""
        if self.manifest is None:
            raise InputError(self.problem or f"{self.key}: holds ratings, which have neither questions nor a trace")
        return self.manifest


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


def listed_folder(key: str, path: Path) -> ListedFolder:
    """What is in the folder ``path``. Never raises: what cannot be read is its ``problem``."""
    try:
        if (path / "manifest.json").exists():
            return ListedFolder(key, path, manifest=RunFolder(path).read_manifest())
        ratings = load_ratings(path)
        source = ratings.source
        listed = ListedRatings(ratings.created_at, len(source.values), source.models, len(ratings.items))
        return ListedFolder(key, path, ratings=listed)
    except (AdaemError, OSError) as error:
        return ListedFolder(key, path, problem=str(error))


def as_it_is_now(entry: ListedFolder) -> ListedFolder:
    """With the status of the process: a manifest that says "running" may be of one that was killed."""
    if entry.manifest is None or entry.manifest.status != "running" or is_running(entry.folder):
        return entry
    return replace(entry, manifest=entry.manifest.model_copy(update={"status": "cut off"}))


def folders_below(roots: Sequence[Path]) -> dict[Path, Path]:
    """The folders to list, each once: its resolved path, and the one that leads to it by way of the root as named."""
    folders: dict[Path, Path] = {}
    for root in roots:
        whole = root.resolve()
        for path in [whole] if is_shown(root) else _below(whole):
            folders.setdefault(path, root / path.relative_to(whole))
    return folders


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
