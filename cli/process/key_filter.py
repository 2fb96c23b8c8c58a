"""The last look for keys on their way to a screen: whatever a verb prints goes through here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import IO, Any, cast

from ...domain.texts.hiding import hide, known_keys


class _Keyless:
    """A stream that hides keys in each piece of text; in all else the stream itself."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(hide(text, known_keys()))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def keyless_screens() -> Iterator[None]:
    """Within the block no key of this process reaches standard output or standard error."""
    with redirect_stdout(cast(IO[str], _Keyless(sys.stdout))), redirect_stderr(cast(IO[str], _Keyless(sys.stderr))):
        yield
