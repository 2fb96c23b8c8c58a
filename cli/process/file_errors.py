"""What the operating system would not do with a file, in one line, where no part of the program has said it better."""

from __future__ import annotations

import errno
import os
from pathlib import Path

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""A full disk, a used-up quota, and a limit on the size of files."""

_REMEDIES = {
    errno.EACCES: "check its permissions, or name another",
    errno.EPERM: "check its permissions, or name another",
    errno.EROFS: "name a place that can be written",
    errno.ENAMETOOLONG: "check that it is a path",
    **dict.fromkeys(NO_ROOM, "make room, or write elsewhere"),
    errno.EMFILE: "raise the limit (ulimit -n 1024)",
    errno.ENFILE: "close other programs, or raise the system's limit",
}


_OF_NO_FILE = {**dict.fromkeys(NO_ROOM, "a file"), errno.EMFILE: "this process", errno.ENFILE: "this machine"}
"""What a limit is of, where the error names no file."""


def can_be_told(error: OSError) -> bool:
    """Whether the error is about the user's surroundings: it names a file, or says which limit. Others are defects."""
    return error.filename is not None or error.errno in _OF_NO_FILE or _lost_folder(error)


def file_line(error: OSError) -> str:
    """The file, or what stands for it; what is wrong; what to do."""
    if _lost_folder(error):
        return "the current folder: has been removed — go to one that exists"
    if error.filename is not None:
        name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(error.filename)
    else:
        name = _OF_NO_FILE.get(error.errno or 0, "a file")
    problem = (error.strerror or "cannot be used").lower()
    short_name = name if len(name) <= 200 else f"{name[:60]}…"
    return f"{short_name}: {problem} — {_REMEDIES.get(error.errno or 0, 'check the path')}"


def exit_code(error: OSError) -> int:
    """1 for a limit, such as a full disk, which no other arguments would have made larger; 2 for a wrong name."""
    return 1 if error.errno in _OF_NO_FILE else 2


def _lost_folder(error: OSError) -> bool:
    """Whether a relative path could not be followed, since the folder it begins at is gone."""
    if error.errno != errno.ENOENT or error.filename is not None:
        return False
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False
