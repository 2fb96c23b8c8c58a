"""Which tables a report of results has, and in which order: the terminal and Markdown show the same."""

from __future__ import annotations

from ...results.result_types import Results
from .more_result_sheets import (
    distance_sheets,
    priming_sheets,
    question_sheets,
    reliability_sheets,
    separating_sheet,
    strength_sheets,
)
from .result_sheets import by_value_sheet, profile_sheets, refusal_sheets, surviving_sheet, system_sheet
from .sheet import Sheet

FEW_QUESTIONS = 5
"""Questions that are shown of an import where not all tables are wanted."""

MOST_DIFFERENCES = 12
"""Contrasts that are shown where not all tables are wanted."""


def all_sheets(results: Results) -> list[Sheet]:
    """Every table that has a row."""
    sheets = [system_sheet(results), *profile_sheets(results), surviving_sheet(results, None), by_value_sheet(results)]
    sheets += [*refusal_sheets(results, None), *priming_sheets(results), *strength_sheets(results)]
    sheets += [*distance_sheets(results), *reliability_sheets(results), *question_sheets(results)]
    return [sheet for sheet in sheets if sheet is not None]


def main_sheets(results: Results) -> list[Sheet]:
    """The tables of a report that is read in a minute."""
    sheets = [system_sheet(results), *profile_sheets(results)[:1]]
    sheets += [surviving_sheet(results, MOST_DIFFERENCES), by_value_sheet(results)]
    sheets += [*refusal_sheets(results, MOST_DIFFERENCES), *priming_sheets(results)]
    if results.asked.kind == "import":
        sheets.append(separating_sheet(results, FEW_QUESTIONS))
    return [sheet for sheet in sheets if sheet is not None]
