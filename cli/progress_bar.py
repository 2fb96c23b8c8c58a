"""How far a long task is, shown in a terminal."""

from __future__ import annotations

from rich.progress import Progress


class Bar(Progress):
    """Rich's bar in a terminal, nothing elsewhere: its own leaves an empty line in a file when it ends, or fails."""

    def start(self) -> None:
        """Shows the bar."""
        if self.console.is_interactive:
            super().start()

    def stop(self) -> None:
        """Takes it away, or leaves it at its end."""
        if self.console.is_interactive:
            super().stop()
