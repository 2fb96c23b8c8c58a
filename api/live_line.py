"""How far a job is, as one line that a notebook shows below the cell; nothing anywhere else."""

from __future__ import annotations

import sys
from typing import Any

from .events import Event, OnEvent


def default_events() -> OnEvent:
    """In a notebook a line that changes, without a widget; elsewhere nothing is said."""
    shell: Any = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not hasattr(shell, "kernel"):
        return _silent
    return _LiveLine(sys.modules["IPython"])


def _silent(event: Event) -> None:
    pass


class _LiveLine:
    def __init__(self, ipython: Any) -> None:
        self._display = ipython.display.display
        self._handle: Any = None

    def __call__(self, event: Event) -> None:
        line = {"text/plain": str(event)}
        if self._handle is None:
            self._handle = self._display(line, raw=True, display_id=True)
        else:
            self._handle.update(line, raw=True)
