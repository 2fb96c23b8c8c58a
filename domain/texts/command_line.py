"""A command as a sentence shows it: what the reader copies out of it is what a shell takes."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path


def command_in_text(*words: str) -> str:
    """The command in single quotes; in backticks where it has quotes of its own, which would end those around it."""
    line = shlex.join(words)
    return f"`{line}`" if "'" in line else f"'{line}'"


def resume_in_text(run: Path, settings: Sequence[str] = ()) -> str:
    """The command that goes on with ``run``; ``settings`` are ``key=value`` texts that it must be given."""
    return command_in_text("adaem", "resume", str(run), *(part for each in settings for part in ("-s", each)))
