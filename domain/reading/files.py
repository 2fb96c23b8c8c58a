"""The one way in which a file that somebody names is read: whole, of a bounded size, and only where it is a file.

A pipe, a device or a file without an end would otherwise hold a verb for ever, or fill the memory.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..errors import FileError

LARGEST_FILE = 2 * 1024**3
"""Bytes of data, also unpacked: a small gzip file can hold any amount of nothing."""

LARGEST_TEXT = 16_000_000
"""Bytes of a file that people write, as a prompt, or that is one JSON object."""

MOST_UNPACKED = 200
"""Times its own size to which a packed file may unpack; texts rarely come to 30, and nothing but zeros to 1,000."""

_ALWAYS_UNPACKED = 20_000_000
"""Bytes to which any packed file may unpack: small ones with much repetition are no harm."""

_GZIP = b"\x1f\x8b"

_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")
"""How a SQLite journal ends that names a file which is shared by several databases: ours are never changed together."""

_KINDS = (
    (stat.S_ISFIFO, "is a pipe"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
    (stat.S_ISSOCK, "is a socket"),
)

# A pipe without a writer would hold `open` for ever; without the second flag Windows changes line ends.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def opened(path: Path, most: int = LARGEST_FILE) -> Iterator[BinaryIO]:
    """The file at ``path`` for reading, once it is known to be one of at most ``most`` bytes.

    Raises ``FileError``: there is none, it is a folder, a pipe or a device, it is larger, or cannot be read.
    """
    try:
        # Before it is opened: opening a device can set it going. After it: another may have taken its place.
        _check(path, path.stat(), most)
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            _check(path, os.fstat(file.fileno()), most)
            yield file
    except FileNotFoundError:
        raise FileError(path, "no such file", remedy="check the path") from None
    except OSError as error:
        raise FileError(path, error.strerror or "cannot be read", remedy="check its permissions") from None
    except ValueError as error:
        if "null" not in str(error):
            raise
        raise FileError(str(path).replace("\0", "\\0"), "is not a valid path", remedy="check the path") from None


def _check(path: Path, status: os.stat_result, most: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise FileError(path, "is a folder, not a file", remedy="name a file in it")
    for is_kind, problem in _KINDS:
        if is_kind(status.st_mode):
            raise FileError(path, f"{problem}, not a file", remedy="save its output as a file, and name that")
    if status.st_size > most:
        raise _too_large(path, most)


def check_plain(folder: Path) -> None:
    """Raises ``FileError`` unless there are only files and folders in ``folder``: no link, pipe, device or socket.

    What came from a stranger must lead nowhere else. The folder may itself be reached by a link, which is the user's.
    A journal that SQLite would go back with leads elsewhere, too, where it names a file: SQLite deletes that.
    """
    waiting = [folder]
    while waiting:
        place = waiting.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                elif not entry.is_file(follow_symlinks=False):
                    problem = "is a link to another place" if entry.is_symlink() else "is a pipe, a device or a socket"
                    remedy = "remove it, or put a copy of the file in its place"
                    raise FileError(
                        entry.path, f"{problem}, and such a folder may contain plain files only", remedy=remedy
                    )
                elif entry.name.endswith("-journal") and _ending(Path(entry.path)) == _NAMES_ANOTHER:
                    remedy = "do not open this folder, and ask whoever sent it"
                    raise FileError(entry.path, "is a journal that names another file, to be deleted", remedy=remedy)


def _ending(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(_NAMES_ANOTHER)))
        return file.read()


def _too_large(path: Path, most: int) -> FileError:
    return FileError(path, f"is larger than {most:,} bytes", remedy="check that it is the right file, or split it")


def read_bytes(path: Path, most: int = LARGEST_FILE) -> bytes:
    """The file as it is. Raises ``FileError`` as ``opened`` does."""
    with opened(path, most) as file:
        # Not all that has no size is empty: the kernel's own files tell none.
        data = file.read(most + 1)
    if len(data) > most:
        raise _too_large(path, most)
    return data


def unpacked(path: Path, data: bytes) -> bytes:
    """``data`` of the file ``path``, unpacked where they are gzip.

    Raises ``FileError`` where that is damaged or unpacks to more than anybody means, and where a file whose name ends
    in .gz is not a gzip file.
    """
    if not data.startswith(_GZIP):
        if data and path.name.lower().endswith(".gz"):
            raise FileError(path, "is not gzip, as its name says", remedy="pack it, or name it without .gz")
        return data
    try:
        with gzip.open(io.BytesIO(data)) as file:
            content = file.read(most_unpacked(len(data)) + 1)
    except (OSError, EOFError, zlib.error):
        raise FileError(path, "is a damaged gzip file", remedy="copy or pack it again") from None
    check_unpacked(path, len(data), len(content))
    return content


def most_unpacked(packed: int) -> int:
    """Bytes to which so many packed ones may unpack: more than that nobody means."""
    return min(LARGEST_FILE, max(_ALWAYS_UNPACKED, MOST_UNPACKED * packed))


def check_unpacked(path: Path, packed: int, content: int) -> None:
    """Raises ``FileError`` where the ``packed`` bytes of ``path`` are more than ``most_unpacked`` as ``content``."""
    if content > (most := most_unpacked(packed)):
        raise FileError(path, f"decompresses to more than {most:,} bytes", remedy="unpack and check it, or split it")


def read_text(path: Path, most: int = LARGEST_TEXT) -> str:
    """The file's text as UTF-8, without a byte order mark. Raises ``FileError`` when it cannot be read."""
    data = read_bytes(path, most)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(path, "is not UTF-8 text", place=f"byte {error.start}", remedy="save it as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
