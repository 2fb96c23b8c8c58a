"""A stop from outside, as every part may meet it: whoever catches what a user's code raises must let it through."""

from __future__ import annotations


class StopRequested(SystemExit):
    """A stop signal came. A ``SystemExit``, which the libraries on the way let through, with the shells' exit code.

    ``line`` is what the user reads.
    """

    def __init__(self, code: int, line: str = "stopped") -> None:
        self.exit_code = code
        self.line = line
        super().__init__(code)
