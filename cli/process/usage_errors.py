"""A mistake in what was typed, in one line like every other error: which command, what, and where to look it up."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

import typer
import typer.main

from ..app import app

# Typer has carried click's classes along, and has brought copies of its own: either way this one's base is what they
# share. It has no public name in both.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]

_REWORDED: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\s+", " "),
    (r"\.$", ""),
    (r"\. (Did|Choose)\b", lambda found: f", {found[1].lower()}"),
    (r"Value error, ", ""),
    (r"^No such option: ", "no such option "),
    (r"^Invalid value for '(\S+)': ", r"\1: "),
    (r"^Got unexpected extra arguments?(?:\(s\))? \((.*)\)$", r"more arguments than it takes: \1"),
    (r"^Option ('\S+') requires an argument", r"\1: a value is missing"),
    (r"'(--?[\w-]+)'", r"\1"),
    (r"^[A-Z](?=[a-z])", lambda found: found[0].lower()),
)
"""Patterns and what stands for them, in this order: the library's sentences become parts of a line."""


def help_instead(error: Any) -> str:
    """The help to be shown where nothing is wrong but that a group's command is missing, else ""."""
    return str(error.format_message()) if type(error).__name__ == "NoArgsIsHelpError" else ""


def usage_line(error: Any, arguments: Sequence[str]) -> str:
    """The line for a ``UsageError`` that ``arguments`` led to."""
    path = " ".join(("adaem", *_asked(arguments)))
    return f"{path}: {_told(error)} — see '{path} --help'"


def _told(error: Any) -> str:
    option, proposed = getattr(error, "option_name", ""), getattr(error, "possibilities", None)
    if option and proposed is not None:
        # Many of the library's own proposals have little in common with what was typed.
        near = get_close_matches(option, proposed, n=2, cutoff=0.7)
        return f"no such option {option}" + (f", did you mean {' or '.join(near)}?" if near else "")
    told = str(error.format_message())
    for pattern, words in _REWORDED:
        told = re.sub(pattern, words, told)
    return told


def _asked(arguments: Sequence[str]) -> list[str]:
    """The words of ``arguments`` that lead to a command."""
    command: Any = typer.main.get_command(app)
    words: list[str] = []
    for word in arguments:
        if word not in getattr(command, "commands", {}):
            break
        words.append(word)
        command = command.commands[word]
    return words
