"""The questions of a folder: filtered, sorted, searched, a window of rows at a time."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from ...results.browsing.listed_folders import ListedFolder
from ...results.browsing.question_rows import SEEDS_EVALUATED, QuestionRow, QuestionTable
from ...results.browsing.row_choice import APART, ChosenRows, RowChoice, choose_rows, read_choice
from ..screens import address, download
from ..spreadsheet import as_csv

if TYPE_CHECKING:
    from ..application import Viewer

QUESTION_ROWS = 50
"""Questions on one page."""

STATUSES = {
    "published": "published",
    "confirmed": "confirmed, not published",
    "kept": "kept, not confirmed",
    "unscored": "dropped: too few answers",
    "duplicate": "dropped: a duplicate",
    "failed": "dropped: the draft failed",
    "skipped": "skipped by hand",
    "budget": "dropped: out of budget",
    "at work": "at work",
    "seed": "seed",
    "asked": "asked",
    "waiting": "not asked yet",
}
"""What became of a question, in words."""

PHASES = {
    "evaluate": "evaluation",
    SEEDS_EVALUATED: "evaluation of seeds",
    "confirm": "confirmation",
    "search": "search",
}
"""Which answers a figure rests on."""


def questions_page(viewer: Viewer, request: Request) -> Response:
    """The list; as a part where only the rows are wanted, as CSV where a file is."""
    entry = viewer.shelf.entry(request.path_params["key"])
    entry.made  # noqa: B018 - tells that a folder of ratings has no questions
    table = viewer.shelf.questions(entry).table()
    choice = read_choice(request.query_params)
    chosen = choose_rows(table, choice)
    if request.query_params.get("as") == "csv":
        return download(_csv(table, chosen), f"{entry.key}-questions.csv", "text/csv")
    models = {choice.model, choice.against} - {""}
    first = QUESTION_ROWS * max(0, _whole(request.query_params.get("page", "1")) - 1)
    first = min(first, max(0, QUESTION_ROWS * ((len(chosen.places) - 1) // QUESTION_ROWS)))
    shown: dict[str, Any] = {
        "entry": entry,
        "table": table,
        "choice": choice,
        "query": choice_query(choice),
        "rows": [
            (table.rows[place], figure_at(chosen, place)) for place in chosen.places[first : first + QUESTION_ROWS]
        ],
        "first": first,
        "page": first // QUESTION_ROWS + 1,
        "pages": max(1, -(-len(chosen.places) // QUESTION_ROWS)),
        "number": len(chosen.places),
        "about": chosen.about,
        "signed": bool(choice.value and len(models) == 2),
        "rate": bool(choice.value and len(models) == 1),
        "without": chosen.without,
        "sort": choice.sort,
        "statuses": STATUSES,
        "phases": PHASES,
        "apart": APART,
        "areas": table.choices("area"),
        "regions": table.choices("region"),
        "origins": table.choices("origin"),
        "states": [(each, STATUSES.get(each, each)) for each in table.choices("status")],
        "rated": [(each, PHASES[each]) for each in table.choices("rated_in")],
    }
    if request.headers.get("hx-target", "").endswith("rows"):
        return viewer.screens.part(request, "questions/rows", **shown)
    return viewer.screens.page("questions/list", "Questions", tab="questions", **shown)


def choice_query(choice: RowChoice) -> dict[str, str]:
    """A choice as the query of an address."""
    return {name: text for name, text in asdict(choice).items() if text}


def question_address(entry: ListedFolder, question_id: str, **query: Any) -> str:
    """Where a question is shown."""
    return address("run", entry.key, "question", id=question_id, **query)


def figure_at(chosen: ChosenRows, place: int) -> float | None:
    """The figure of a row; None where it has none."""
    if chosen.figures is None or np.isnan(chosen.figures[place]):
        return None
    return float(chosen.figures[place])


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 1


def _csv(table: QuestionTable, chosen: ChosenRows) -> str:
    def row(each: QuestionRow, figure: float | None) -> list[Any]:
        low, high = each.interval or (None, None)
        row: list[Any] = [each.id, each.text, each.topic, each.area, each.origin, each.status, each.rank]
        row += [each.scored_in, each.divergence, low, high, each.q_value, each.rated_in, each.missing]
        return [*row, *([figure] if chosen.figures is not None else [])]

    columns = ["question_id", "question", "topic", "area", "origin", "status", "rank", "divergence_phase"]
    columns += ["divergence_bits", "low_95", "high_95", "q_value", "rates_phase", "missing"]
    columns += [chosen.about.replace(", points", "").replace(", %", "")] if chosen.figures is not None else []
    return as_csv(columns, (row(table.rows[place], figure_at(chosen, place)) for place in chosen.places))
