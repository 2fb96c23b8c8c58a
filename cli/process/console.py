"""Standard output as every verb writes to it: in a pipe or a file without the blanks that pad tables to the width."""

from __future__ import annotations

import re
import sys
from typing import IO, Any, cast

from rich.console import Console
from rich.text import Text

_PADDING = re.compile(r"[ \t]+(?=\n)")

HANGING = 4
"""How much farther in the second row of a long line stands than its first."""


class _Unpadded:
    """A file that takes whole lines, and drops the blanks at their ends."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(_PADDING.sub("", text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def output() -> Console:
    """A console on standard output: as wide as the terminal or COLUMNS says, 80 columns where nothing does."""
    if sys.stdout.isatty():
        return Console()
    return Console(file=cast(IO[str], _Unpadded(sys.stdout)))


def print_line(console: Console, line: Text) -> None:
    """Prints a line at the console's width; what does not fit stands below, farther in than an indented line begins."""
    indent = len(line.plain) - len(line.plain.lstrip(" "))
    hanging = indent + HANGING * bool(indent)
    first, rest = _split(console, line[indent:], console.width - indent)
    console.print(_from(indent, first), soft_wrap=True)
    if rest:
        for row in rest.wrap(console, max(console.width - hanging, 20), tab_size=8):
            row.rstrip()
            console.print(_from(hanging, row), soft_wrap=True)


def _split(console: Console, text: Text, width: int) -> tuple[Text, Text]:
    """The first row of a text at ``width``, and what is left without the blanks between them."""
    row = text.wrap(console, max(width, 20), tab_size=8)[0]
    row.rstrip()
    rest = text[len(row.plain) :]
    return row, rest[len(rest.plain) - len(rest.plain.lstrip()) :]


def _from(indent: int, row: Text) -> Text:
    row.pad_left(indent)
    return row
