"""The results of an evaluation in the terminal: a report that is read in a minute, and every table on request."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType

from ...results.result_types import Results
from ..plain_text import plain
from ..sheets.more_result_sheets import (
    distance_sheets,
    priming_sheets,
    question_sheets,
    reliability_sheets,
    separating_sheet,
    strength_sheets,
)
from ..sheets.result_sheets import (
    asked_lines,
    by_value_sheet,
    closing,
    key_to_models,
    profile_sheets,
    refusal_sheets,
    surviving_sheet,
)
from ..sheets.sheet import Sheet
from .sheet_table import sheet_table
from .status_lines import spaced, status_lines

FEW_QUESTIONS = 5
"""Questions that are shown of an import where not all tables are wanted."""

MOST_DIFFERENCES = 12
"""Contrasts that are shown where not all tables are wanted."""


def results_brief(results: Results, width: int) -> RenderableType:
    """The answer in three sentences and the differences that survive, for below another report."""
    return Group(
        *spaced([_answer(results), *_tables([surviving_sheet(results, MOST_DIFFERENCES)], width)]), *_key(results)
    )


def results_tables(results: Results, width: int, *, full: bool = False) -> RenderableType:
    """The report of an evaluation at ``width`` columns; ``full`` shows every table."""
    return Group(*spaced(status_lines(results.asked)), results_body(results, width, full=full))


def results_body(results: Results, width: int, *, full: bool) -> RenderableType:
    """The same without what stands above every report."""
    asked = plain("\n".join(asked_lines(results)))
    return Group(*spaced([asked, _answer(results), *_rest(results, width, full=full)]), plain(closing(results)))


def _rest(results: Results, width: int, *, full: bool) -> list[RenderableType]:
    """All but the status and the sentences."""
    most = None if full else MOST_DIFFERENCES
    sheets = [*profile_sheets(results)[: None if full else 1], surviving_sheet(results, most), by_value_sheet(results)]
    sheets += refusal_sheets(results, most)
    sheets += priming_sheets(results)
    if full:
        sheets += [*strength_sheets(results), *distance_sheets(results), *reliability_sheets(results)]
        sheets += question_sheets(results)
    elif results.asked.kind == "import":
        sheets.append(separating_sheet(results, FEW_QUESTIONS))
    parts = _tables(sheets, width)
    if not full and results.reliability.split_half_verdict:
        parts.append(plain(f"Reliability: {results.reliability.split_half_verdict}."))
    notes = "\n".join(f"Note: {note}." for note in results.notes)
    return [*parts, *_key(results), *([plain(notes)] if notes else [])]


def _answer(results: Results) -> RenderableType:
    return plain("\n".join(results.sentences), style="bold")


def _key(results: Results) -> list[RenderableType]:
    key = key_to_models(results)
    return [plain(key)] if key else []


def _tables(sheets: Iterable[Sheet | None], width: int) -> list[RenderableType]:
    return [sheet_table(sheet, width) for sheet in sheets if sheet is not None]
