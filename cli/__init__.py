"""The command ``adaem``: one file a verb. Heavy imports happen inside the verbs, so that help is instant."""

from __future__ import annotations

import io
import os
import sys
from typing import NoReturn


def main() -> None:
    """Runs the command line. An expected error is one line on standard error, with its exit code and no traceback."""
    from .import_path import leave_current_folder_out

    leave_current_folder_out()
    import typer

    from ..domain.errors import AdaemError
    from .app import app
    from .file_errors import can_be_told, exit_code, file_line, is_full, let_go
    from .keyless import keyless_screens
    from .usage_errors import UsageError, help_instead, usage_line

    # A terminal that cannot show a character shows a question mark in its place.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
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
        _fail(usage_line(error, sys.argv[1:]), 2)
    except typer.Abort:
        _fail("adaem: standard input has ended — answer in a terminal", 1)
    except BrokenPipeError:
        # The reader (head, less) has seen enough; closing quietly is what it expects.
        let_go(sys.stdout)
        sys.exit(0)
    except OSError as error:
        if not can_be_told(error):
            raise
        told = file_line(error)
        if is_full(sys.stdout):
            let_go(sys.stdout)
        _fail(f"adaem: {told}", exit_code(error))
    sys.exit(code)


def _fail(line: str, code: int) -> NoReturn:
    print(printable(line), file=sys.stderr)  # noqa: T201 (the one place for error lines)
    sys.exit(code)


def printable(text: str) -> str:
    """``text`` on one line, without terminal escapes and keys: an error may quote what a model or a stranger wrote."""
    from ..domain.hiding import hide, known_keys

    text = hide(text, known_keys())
    return "".join(character if character.isprintable() else " " for character in text)
