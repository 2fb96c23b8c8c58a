"""The results of an evaluation in the terminal: a report that is read in a minute, and every table on request."""

from __future__ import annotations

from rich.console import Group, RenderableType

from ...results.judges.judge_limits import limit_lines
from ...results.result_types import Results
from ..plain_text import plain
from ..sheets.all_sheets import MOST_DIFFERENCES, all_sheets, main_sheets
from ..sheets.more_result_sheets import reliability_lines
from ..sheets.result_sheets import asked_lines, closing, key_to_models, surviving_sheet
from .sheet_table import sheet_table
from .status_lines import spaced, status_lines


def first_lines(results: Results, steps: RenderableType | None = None) -> list[RenderableType]:
    """What every report begins with: status, the answer in words, what is known of the judge, the next ``steps``."""
    answer = plain("\n".join(results.sentences), style="bold")
    of_judge = plain("\n".join(limit_lines(results.limits, results.asked.values)))
    lines: list[RenderableType] = [answer, *filter(None, [of_judge])] if results.asked.answers else []
    return [*status_lines(results.asked), *lines, *([] if steps is None else [steps])]


def significant_differences(results: Results, width: int) -> RenderableType:
    """The table of the significant differences, for below another report."""
    differences = surviving_sheet(results, MOST_DIFFERENCES)
    tables = [] if differences is None else [sheet_table(differences, width)]
    return Group(*spaced(tables), *_key(results))


def results_tables(
    results: Results, width: int, *, full: bool = False, steps: RenderableType | None = None
) -> RenderableType:
    """The report of an evaluation at ``width`` columns. ``full``: every table; ``steps`` stand after the answer."""
    return Group(*spaced(first_lines(results, steps)), results_body(results, width, full=full))


def results_body(results: Results, width: int, *, full: bool) -> RenderableType:
    """The same without what every report begins with."""
    asked = plain("\n".join(asked_lines(results)))
    return Group(*spaced([asked, *_rest(results, width, full=full)]), plain(closing(results)))


def _rest(results: Results, width: int, *, full: bool) -> list[RenderableType]:
    """All but the first lines and what was asked."""
    sheets = all_sheets(results) if full else main_sheets(results)
    parts = [sheet_table(sheet, width) for sheet in sheets]
    if lines := reliability_lines(results):
        parts.append(plain("\n".join(lines)))
    notes = "\n".join(f"Note: {note}." for note in results.notes)
    return [*parts, *_key(results), *([plain(notes)] if notes else [])]


def _key(results: Results) -> list[RenderableType]:
    key = key_to_models(results)
    return [plain(key)] if key else []
