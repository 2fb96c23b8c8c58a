"""``adaem view``: the folders of runs in the user's browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def view_verb(roots: Sequence[Path], port: int | None, *, browser: bool) -> None:
    """Serves the folders until it is stopped; prints the address, and nothing else, on standard output."""
    from ...viewer.serve import serve

    def say(address: str) -> None:
        print(f"{address}", flush=True)  # noqa: T201

    serve(roots, port, browser=browser, say=say)
