"""How files come about: whole or not at all. Whatever goes wrong, nothing half-written stays beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..domain.errors import FileError
from ..domain.texts.hiding import hide, known_keys


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place to write to, which becomes ``path`` when all went well and is removed when not.

    A reader of ``path`` sees the old content or the new one, never a part. Raises ``OSError`` with the path.
    """
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)  # what a killed process left, or a link that leads elsewhere
    try:
        with naming(path):
            yield partial
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Gives an ``OSError`` the file that it is about: where writing fails, the system names none."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = str(path)
        raise


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """The same for a file that must not exist yet. Raises ``FileExistsError`` before anything is written."""
    path.touch(exist_ok=False)
    try:
        with whole_file(path) as partial:
            yield partial
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_whole(path: Path, text: str) -> None:
    """Writes a text, without keys, so that a reader sees the old content or the new one, never a part.

    Raises ``OSError`` with the path.
    """
    with whole_file(path) as partial:
        partial.write_text(hide(text, known_keys()), encoding="utf-8")


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Tells as one line what the system says when ``path`` cannot be written. Raises ``FileError``."""
    try:
        yield
    except FileExistsError:
        raise FileError(path, "exists already", remedy="name another file, or remove this one") from None
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise FileError(path, problem, remedy="name a file in a writable folder that has room") from None


def check_folder_of(path: Path) -> None:
    """Refuses a file whose folder does not exist, before any work is done for it. Raises ``FileError``."""
    if not path.parent.is_dir():
        raise FileError(path, "cannot be written: its folder does not exist", remedy="make the folder first")
