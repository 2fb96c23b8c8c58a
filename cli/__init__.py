"""The command ``adaem``: one file a verb. Heavy imports happen inside the verbs, so that help is instant."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line. An expected error is one line on standard error, with its exit code and no traceback."""
    from ..domain.errors import AdaemError
    from .app import app

    # A class of the user's own lies where they are, as with ``python -m``.
    if "" not in sys.path:
        sys.path.append("")
    try:
        app()
    except AdaemError as error:
        print(f"adaem: {printable(str(error))}", file=sys.stderr)  # noqa: T201 (the one place for error lines)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader (head, less) has seen enough; closing quietly is what it expects.
        sys.stderr.close()
        sys.exit(0)


def printable(text: str) -> str:
    """``text`` on one line and without terminal escapes: an error may quote what a model or a stranger wrote."""
    return "".join(character if character.isprintable() else " " for character in text)
