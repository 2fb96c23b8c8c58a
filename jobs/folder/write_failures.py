"""A run whose files cannot be written ends with one line: which file, what was lost, and how the run goes on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...domain.errors import NotWritten
from ...domain.texts.command_line import resume_in_text
from ...records import RunFolder
from ..trust import to_repeat

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def explain_write_failures(folder: RunFolder, *, resumable: bool = True) -> Iterator[None]:
    """Adds the way on to what is raised when a file of ``folder`` cannot be written. Raises ``NotWritten``.

    A job that is not ``resumable`` is started again.
    """
    try:
        yield
    except NotWritten as error:
        remedy = f"{error.remedy}, and {_way_on(folder, resumable)}"
        raise NotWritten(error.path, error.why, remedy=remedy, locked=error.locked, lost=error.lost) from None
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        path = Path(str(error.filename)) if error.filename is not None else folder.path
        problem = f"cannot be written ({(error.strerror or str(error)).lower()})"
        raise NotWritten(path, problem, remedy=f"make room, and {_way_on(folder, resumable)}") from None


def _way_on(folder: RunFolder, resumable: bool) -> str:
    if not resumable:
        return "start it again in another folder"
    if not folder.manifest_path.exists():
        return "start it again: nothing was asked"
    return f"go on with {resume_in_text(folder.path, to_repeat(folder.read_manifest()))}"
