"""One line for a run's folder whose parts do not fit together: it was damaged, or changed by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..domain.errors import FileError
from ..domain.texts.safe_text import one_line

DAMAGE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError, RecursionError)
"""What comes of data that no run leaves behind. Each file is checked as it is read; that a question which the trace
names is not in the records, or a value not in the framework, shows where they meet.
"""


@contextmanager
def as_read(*paths: Path | str) -> Iterator[None]:
    """Around whatever only reads the runs in ``paths``. Raises ``FileError`` for what data alone can bring about."""
    try:
        yield
    except (*DAMAGE, sqlite3.Error) as error:
        detail = f"{type(error).__name__}: {one_line(str(error)):.100}"
        raise FileError(
            " or ".join(map(str, paths)),
            f"is damaged, or was changed by hand: its files do not fit together ({detail})",
            remedy="copy the whole folder again; ADAEM_TRACEBACK=1 shows where the error was raised",
        ) from error
