"""The list of runs in the terminal: a line each, the path whole, so that it can be copied into another command."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.text import Text

from ...domain.texts.safe_text import one_line
from ...results.browsing.run_rows import RunRow
from ..plain_text import plain
from .forecast_table import money

HEADINGS_OF_RUNS = ("run", "kind", "state", "models", "questions", "cost", "begun, UTC")
_NUMBERS = (4, 5)
_INDENT = "  "

FOOT_OF_RUNS = "Questions: published by a run, asked by an evaluation, read by an import; – is unknown or none yet."
UNPRICED = "* Some calls went to models without a price: what these cost is not known."
SIMULATED_JUDGE_OF_IMPORT = "Of an import that is called simulated the judge is; the answers are recorded ones."


def run_table(rows: Sequence[RunRow], width: int) -> RenderableType:
    """One line a run where that fits into ``width``; else each path stands on a line of its own above its figures.

    What cannot be read is told below. To be printed without cropping: a path that is longer than the screen is wide is
    broken by the terminal, which copies it whole.
    """
    cells = [HEADINGS_OF_RUNS, *map(_cells, rows)]
    widths = [max(cell_len(row[column]) for row in cells) for column in range(len(HEADINGS_OF_RUNS))]
    whole = sum(widths) + 2 * (len(widths) - 1) <= width
    room = width - len(_INDENT) - sum(widths[1:])
    gap = "  " if whole or room >= 2 * (len(widths) - 2) else " "
    lines: list[Text] = []
    for number, (path, *figures) in enumerate(cells):
        sized = gap.join(_sized(cell, widths[column], column) for column, cell in enumerate(figures, start=1)).rstrip()
        style = "" if number else "bold"
        if whole:
            lines.append(_line(set_cell_size(path, widths[0]) + gap + sized, style))
        else:
            lines += [_line(path, "bold"), _line(_INDENT + sized, style)]
    below = [plain(one_line(row.problem)) for row in rows if row.problem]
    feet = [FOOT_OF_RUNS]
    if any(row.unpriced for row in rows):
        feet.append(UNPRICED)
    if any(row.kind == "import" and row.simulated for row in rows):
        feet.append(SIMULATED_JUDGE_OF_IMPORT)
    return Group(*lines, Text(), *below, *map(plain, feet))


def _line(text: str, style: str) -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ignore")


def _cells(row: RunRow) -> tuple[str, ...]:
    asked = "rated" if row.kind == "ratings" else "simulated" if row.simulated else "real"
    if row.kind == "import" and not row.simulated:
        asked = "recorded"
    unreadable = row.kind == "unreadable"  # which says it all
    return (
        _shown_path(row.path),
        row.kind,
        "–" if unreadable else row.state,
        "–" if unreadable else f"{len(row.models)} {asked}",
        "–" if row.questions is None else f"{row.questions:,}",
        "–" if row.cost is None else _printable(f"{money(row.cost)} {row.currency}{'*' if row.unpriced else ''}"),
        _printable(row.begun[:16].replace("T", " ")) or "–",
    )


def _sized(cell: str, width: int, column: int) -> str:
    return " " * (width - cell_len(cell)) + cell if column in _NUMBERS else set_cell_size(cell, width)


def _shown_path(path: str) -> str:
    """As a shell takes it; what no shell takes as it is seen, such as an escape, becomes "�"."""
    return _printable(shlex.quote(f"./{path}" if path.startswith("-") else path))


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
