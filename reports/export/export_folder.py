"""Where an export goes: a folder of its own, which holds nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...domain.errors import StoreError


@contextmanager
def export_folder(path: Path, names: frozenset[str]) -> Iterator[Path]:
    """Makes the folder, or takes one that holds nothing but ``names``: an earlier export, which is replaced.

    Raises ``StoreError`` when it holds anything else, or cannot be written.
    """
    try:
        if path.exists() and not path.is_dir():
            raise StoreError(f"{path}: is a file — name a folder with --out")
        path.mkdir(parents=True, exist_ok=True)
        if others := sorted(each.name for each in path.iterdir() if each.name not in names):
            raise StoreError(f"{path}: holds other files ({others[0]!r}) — name another folder with --out")
        yield path
    except OSError as error:
        raise StoreError(f"{path}: cannot be written ({error.strerror}) — name another folder with --out") from None
