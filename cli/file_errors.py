"""What the operating system would not do with a file, in one line, where no part of the program has said it better."""

from __future__ import annotations

import errno
import os
import sys
from typing import TextIO

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""A full disk, a used-up quota, and a limit on the size of files."""

_REMEDIES = {
    errno.EACCES: "check its permissions, or name another",
    errno.EPERM: "check its permissions, or name another",
    errno.EROFS: "name a place that can be written",
    errno.ENAMETOOLONG: "is it a path at all?",
    **dict.fromkeys(NO_ROOM, "make room, or write elsewhere"),
}


def can_be_told(error: OSError) -> bool:
    """Whether the error is about the user's files: it names one, or a disk is full. Others are defects."""
    return error.filename is not None or error.errno in NO_ROOM


def file_line(error: OSError) -> str:
    """The file, or what stands for it; what is wrong; what to do."""
    if error.filename is not None:
        name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(error.filename)
    else:
        name = "standard output" if is_full(sys.stdout) else "standard output or a file"
    problem = (error.strerror or "cannot be used").lower()
    shown = name if len(name) <= 200 else f"{name[:60]}…"
    return f"{shown}: {problem} — {_REMEDIES.get(error.errno or 0, 'check the path')}"


def exit_code(error: OSError) -> int:
    """1 for a full disk, which no other arguments would have made larger; 2 for what was named wrongly."""
    return 1 if error.errno in NO_ROOM else 2


def is_full(stream: TextIO) -> bool:
    """Whether ``stream`` holds something that cannot be written; one without a buffer never does."""
    try:
        stream.flush()
    except OSError:
        return True
    return False


def let_go(stream: TextIO) -> None:
    """Drops what ``stream`` still holds: Python would try once more to write it at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
