"""Whether a process still has a run open, and how one that has not finished is continued."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.texts.command_line import resume_in_text
from .folder import Manifest, RunFolder


def is_running(folder: RunFolder) -> bool:
    """Whether a process holds the folder's lock (``folder.lock_run``). A killed one holds none."""
    from filelock import FileLock, Timeout

    path = folder.path / "run.lock"
    if not path.exists():
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
        lock.release()
    except Timeout:
        return True
    except OSError:
        # Where nothing can be written nobody can tell; what the manifest says is believed.
        return True
    return False


def current_manifest(folder: RunFolder) -> Manifest:
    """The manifest, "cut off" where it says "running" and no process has it open any more. For reading, not to be kept.

    Raises ``FileError`` as ``RunFolder.read_manifest``.
    """
    manifest = folder.read_manifest()
    if manifest.status != "running" or is_running(folder):
        return manifest
    # Between the first look and the lock it may have ended as it should.
    manifest = folder.read_manifest()
    return manifest.model_copy(update={"status": "cut off"}) if manifest.status == "running" else manifest


def how_to_continue(folder: RunFolder, manifest: Manifest, permissions: Sequence[str] = ()) -> str:
    """How a run that was stopped or cut off goes on, as the end of a sentence; empty for any other.

    ``permissions`` are settings that its user has given and must give again. They are not read from the folder: of what
    stands there only a budget is repeated, since people type what they are shown. Why one failed was told with what to
    do at that time, and going on is not always it.
    """
    if manifest.status not in ("interrupted", "cut off"):
        return ""
    if manifest.recorded is not None:
        return "import the answers again, into another folder"
    if manifest.replay_of:
        return f"replay {manifest.replay_of} again"
    lacking = [setting for setting in manifest.lacks if setting.startswith("budget.")]
    return f"go on with {resume_in_text(folder.path, (*permissions, *lacking))}"
