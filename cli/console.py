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
    """Prints a line at the console's width; what does not fit stands below, farther in than it begins."""
    indent = len(line.plain) - len(line.plain.lstrip(" "))
    first, *rest = line[indent:].wrap(console, max(console.width - indent - HANGING, 20)) or [Text()]
    for part, blanks in [(first, indent), *((each, indent + HANGING) for each in rest)]:
        part.rstrip()
        part.pad_left(blanks)
        console.print(part, soft_wrap=True)
