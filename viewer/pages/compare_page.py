"""Two folders side by side: findings that persist, reverse or vanish; paired questions; the answers then and now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from ...domain.errors import InputError
from ...records import RunRecords
from ...reports.sheets.comparison_sheets import compare_sheets
from ...reports.sheets.diff_sheets import FINDING_TITLES, making_sheets
from ...results.browsing.listed_folders import ListedFolder
from ...results.browsing.question_rows import records_stamp
from ...results.comparison.diff_types import FolderDiff, ScoreChange
from ..screens import is_part
from ..statistics_jobs import differences
from .answer_columns import answer_columns, stages_of

if TYPE_CHECKING:
    from ..application import Viewer

MOST_PAIRED = 100
"""Paired questions on one page, those of the largest change first."""

SIDES = ("first", "second")


def compare_page(viewer: Viewer, request: Request) -> Response:
    """The choice of two folders, and the frame of what is said of them."""
    entries = [entry for entry in viewer.shelf.entries() if entry.manifest is not None]
    chosen = {side: request.query_params.get(side, "") for side in SIDES}
    ready = all(chosen.values()) and chosen["first"] != chosen["second"]
    return viewer.screens.page("compare/page", "Compare", entries=entries, chosen=chosen, ready=ready)


async def compare_body(viewer: Viewer, request: Request) -> Response:
    """What differs, once it is computed."""
    first, second = _sides(viewer, request)
    stamp = (records_stamp(first.folder), records_stamp(second.folder))
    whole, shared = await viewer.background.result("pages", stamp, differences, first.path, second.path)
    context = {
        "first": first,
        "second": second,
        "difference": whole,
        "making": [sheet for sheet in making_sheets(whole) if sheet is not None],
        "drifts": compare_sheets(shared) if shared is not None else [],
        "drift_sentences": shared.sentences if shared is not None else (),
        "findings": [(title, whole.became(became)) for became, title in FINDING_TITLES.items() if whole.became(became)],
        "paired": _paired(whole)[:MOST_PAIRED],
        "twins": {row.text: row.id for row in viewer.shelf.questions(second).table().rows},
        "number": len(whole.scored),
    }
    if is_part(request):
        return viewer.screens.part(request, "compare/body", **context)
    return viewer.screens.page("compare/whole", "Compare", **context)


async def then_and_now(viewer: Viewer, request: Request) -> Response:
    """The answers to one paired question in both folders, model by model."""
    entries = _sides(viewer, request)
    ids = [request.query_params.get(f"{side}_id", "") for side in SIDES]
    sides = [_side(viewer, entry, question_id) for entry, question_id in zip(entries, ids, strict=True)]
    models = list(dict.fromkeys(model for side in sides for model in side["columns"]))
    return viewer.screens.page(
        "compare/then_and_now", sides[0]["row"].text, sides=sides, models=models, first=entries[0], second=entries[1]
    )


def _sides(viewer: Viewer, request: Request) -> tuple[ListedFolder, ListedFolder]:
    first, second = (viewer.shelf.entry(request.query_params.get(side, "")) for side in SIDES)
    first.made, second.made  # noqa: B018 - tells that folders of ratings cannot be compared
    if first.path == second.path:
        raise InputError("a comparison takes two folders — choose another one")
    return first, second


def _side(viewer: Viewer, entry: ListedFolder, question_id: str) -> dict[str, Any]:
    table = viewer.shelf.questions(entry).table()
    if question_id not in table.by_id:
        raise InputError(f"{entry.key} has no question that is called {question_id!r} — see its list of questions")
    with RunRecords(entry.folder.records_path, read_only=True) as records:
        stage = next(iter(stages_of(records, question_id)), "")
        columns = answer_columns(records, entry.made, question_id, stage, table.models, every=False) if stage else []
    return {
        "entry": entry,
        "row": table.rows[table.by_id[question_id]],
        "columns": {column.model: column for column in columns},
    }


def _paired(whole: FolderDiff) -> list[ScoreChange]:
    """The largest changes of divergence first; what one of them has not scored stands at the end."""

    def moved(each: ScoreChange) -> float:
        if each.first is None or each.second is None:
            return -1.0
        return abs(each.second.estimate - each.first.estimate)

    return sorted(whole.scored, key=moved, reverse=True)
