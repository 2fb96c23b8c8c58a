"""``adaem run``: the main job."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import typer

T = TypeVar("T")

INTERRUPTED = 130
"""The exit code of a run that was stopped with Ctrl-C, as shells have it."""


def run_verb(
    config: Path | None, settings: Sequence[str], flags: Mapping[str, Any], out: Path | None, as_json: bool
) -> None:
    """Runs, shows how it goes on standard error, and prints the result."""
    from rich.console import Console

    from ..domain.loading import load_settings, parse_override
    from ..graph.run import check_settings, run
    from ..pool.tracing import disable_tracing
    from .live import watch
    from .report import report_verb

    disable_tracing()
    parts = check_settings(load_settings(config, dict(map(parse_override, settings)) | dict(flags)))
    watcher = watch(Console(stderr=True))
    folder, manifest = asyncio.run(until_done(run(parts, out, watcher), watcher))
    report_verb(folder.path, as_json)
    if manifest.status == "interrupted":
        print("adaem: stopped; everything so far is in the folder above", file=sys.stderr)  # noqa: T201
        raise typer.Exit(INTERRUPTED)


async def until_done(work: Coroutine[Any, Any, T], watcher: AbstractContextManager[Any]) -> T:
    """What ``work`` returns, with ``watcher`` open until then."""
    task = asyncio.create_task(work)
    # The first Ctrl-C ends the run cleanly; a second one falls through to Python's own handler.
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        task.cancel()

    loop.add_signal_handler(signal.SIGINT, stop)
    try:
        with watcher:
            return await task
    finally:
        loop.remove_signal_handler(signal.SIGINT)
