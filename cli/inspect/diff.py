"""``adaem diff``: what is not the same in two runs, and what is."""

from __future__ import annotations

from pathlib import Path

from .compare import print_comparison


def diff_verb(first: Path, second: Path, as_json: bool) -> None:
    """Prints what differs in the second folder as tables, or as one JSON object."""
    from ...results.comparison.diff_folders import diff

    print_comparison(diff(first, second), as_json)
