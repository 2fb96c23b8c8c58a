"""What is printed, as text."""

from __future__ import annotations

from io import StringIO
from typing import Any

from rich.console import Console


def shown(renderable: Any, width: int = 80, *, terminal: bool = False) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=terminal, no_color=not terminal)
    console.print(renderable)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()
