"""Where modules of the user's own are found: among what is installed, and in folders that the command line names.

The current folder is none of them. One may stand in a folder that came from a stranger, and a file there that is called
as a library would be run in its place.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path


def leave_current_folder_out() -> None:
    """Takes the current folder from the places where Python looks for modules.

    ``python -m`` puts it there, and so does an empty entry of PYTHONPATH; an entry in full is the user's own word.
    """
    try:
        here = os.path.realpath(Path.cwd())
    except FileNotFoundError:  # it was removed while one stood in it
        here = ""
    allowed = {
        os.path.realpath(entry)
        for entry in (*os.environ.get("PYTHONPATH", "").split(os.pathsep), *_installed())
        if Path(entry).is_absolute()
    }
    # A relative entry means another folder wherever one stands; one that is no folder is a mark that an installer left.
    sys.path[:] = [
        entry
        for entry in sys.path
        if (os.path.realpath(entry) != here or here in allowed)
        and (Path(entry).is_absolute() or not Path(entry).exists())
    ]


def _installed() -> Iterable[str]:
    """The folders of Python itself, and of what is installed for it."""
    return (*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages())


def add_import_paths(folders: Iterable[Path]) -> None:
    """Adds folders behind all others, so that nothing in them takes the place of what is installed.

    Raises ``InputError`` for one that is not there.
    """
    from ...domain.errors import InputError

    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"--import-path {folder}: is not a folder — name the one that your modules are in")
        if (path := str(folder.resolve())) not in sys.path:
            sys.path.append(path)
