"""The command ``adaem``: one file a verb. Heavy imports happen inside the verbs, so that help is instant."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn


def main() -> None:
    """Runs the command line. An expected error is one line on standard error, with its exit code and no traceback.

    So is a stop from outside, with 130 for Ctrl-C and 143 for SIGTERM. It takes over the process's signals and streams.
    """
    from .process.import_path import leave_current_folder_out

    leave_current_folder_out()
    from .process.stop_signals import StopRequested, leave, stop_at_once

    stop_at_once()
    try:
        _run()
    except StopRequested as stop:
        with suppress(OSError):
            sys.stdout.flush()
        leave(stop)


def _run() -> NoReturn:
    import typer

    from ..domain.errors import AdaemError
    from .app import app
    from .process.file_errors import can_be_told, exit_code, file_line
    from .process.key_filter import keyless_screens
    from .process.standard_streams import prepare_streams
    from .process.usage_errors import UsageError, help_instead, usage_line

    prepare_streams()
    try:
        with keyless_screens():
            code = app(prog_name="adaem", standalone_mode=False)
        sys.stdout.flush()
    except AdaemError as error:
        if os.environ.get("ADAEM_TRACEBACK"):
            raise
        _fail(f"adaem: {error}", error.exit_code)
    except UsageError as error:
        if text := help_instead(error):
            typer.echo(text, err=True)
            sys.exit(2)
        _fail(usage_line(error), 2)
    except typer.Abort:
        _fail("adaem: standard input has ended — answer in a terminal", 1)
    except OSError as error:
        if not can_be_told(error):
            raise
        _fail(f"adaem: {file_line(error)}", exit_code(error))
    sys.exit(code)


def _fail(line: str, code: int) -> NoReturn:
    print(printable(line), file=sys.stderr)  # noqa: T201 (the one place for error lines)
    sys.exit(code)


def printable(text: str) -> str:
    """``text`` on one line, without terminal escapes and keys: an error may quote what a model or a stranger wrote."""
    from ..domain.texts.hiding import hide, known_keys

    text = hide(text, known_keys())
    return "".join(character if character.isprintable() else " " for character in text)
