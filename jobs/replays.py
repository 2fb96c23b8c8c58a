"""Which runs can be made again from their recorded calls: asked before anything is written."""

from __future__ import annotations

from ..domain.errors import InputError
from ..records import RunFolder


def check_replay(folder: RunFolder) -> None:
    """Raises ``InputError`` for a folder that no search made in one go."""
    manifest = folder.read_manifest()
    if manifest.recorded is not None:
        raise InputError(f"{folder.path}: its answers were imported, nobody was asked — import them again instead")
    if manifest.evaluation is not None:
        raise InputError(
            f"{folder.path}: an evaluation, and only a run that searched can be replayed — "
            f"see it with 'adaem report {folder.path}'"
        )
    if manifest.fork is not None and manifest.fork.control:
        raise InputError(
            f"{folder.path}: its questions are another run's, judged again, and it made no search that could be "
            f"replayed — replay {manifest.fork.path}"
        )
    # A finished run goes on only to grow: by then it had shared out its calls anew, which a replay would do at once.
    if any(session.status == "finished" for session in manifest.sessions[:-1]):
        raise InputError(
            f"{folder.path}: it was grown with --rounds, and a search that was lengthened cannot be made again in one "
            f"go — see its steps with 'adaem trace {folder.path}'"
        )
