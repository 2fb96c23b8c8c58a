"""A mistake in what was typed, in one line like every other error: the command, click's own sentence, where to look."""

from __future__ import annotations

from typing import Any

import typer

# Typer has carried click's classes along, and has brought copies of its own: either way this one's base is what they
# share. It has no public name in both.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def help_instead(error: Any) -> str:
    """The help to be shown where nothing is wrong but that a group's command is missing, else ""."""
    return str(error.format_message()) if type(error).__name__ == "NoArgsIsHelpError" else ""


def usage_line(error: Any) -> str:
    """The line for a ``UsageError``."""
    path = error.ctx.command_path if error.ctx else "adaem"
    message = " ".join(error.format_message().replace("Value error, ", "").split()).removesuffix(".")
    return f"{path}: {message} — see '{path} --help'"
