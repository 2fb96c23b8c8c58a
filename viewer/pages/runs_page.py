"""All folders in one table; the figures of each come when its row is on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from ...reports.page.figure_formats import bits, number
from ...results.browsing.listed_folders import ListedFolder
from ...results.browsing.question_rows import records_stamp
from ..screens import download
from ..spreadsheet import as_csv
from ..statistics_jobs import Headline, headline

if TYPE_CHECKING:
    from ..application import Viewer


def runs_page(viewer: Viewer, request: Request) -> Response:
    """The list, with what is searched for and in the order that is wanted."""
    words = request.query_params.get("words", "").casefold().split()
    sort = request.query_params.get("sort", "-made")
    everything = viewer.shelf.entries()
    entries = [entry for entry in everything if all(word in _words(entry) for word in words)]
    column = RUN_COLUMNS.get(sort.removeprefix("-"), RUN_COLUMNS["name"])
    entries = sorted(entries, key=column, reverse=sort.startswith("-"))
    if request.query_params.get("as") == "csv":
        return download(_csv(entries), "runs.csv", "text/csv")
    shown: dict[str, Any] = {
        "entries": [(entry, entry.state, made_at(entry)) for entry in entries],
        "words": request.query_params.get("words", ""),
        "sort": sort,
        "of": len(everything),
    }
    if request.headers.get("hx-target", "").endswith("rows"):
        return viewer.screens.part(request, "runs/rows", **shown)
    return viewer.screens.page("runs/list", "Runs", **shown)


async def headline_part(viewer: Viewer, request: Request) -> Response:
    """The cells of one row that take the whole folder's statistics."""
    entry = viewer.shelf.entry(request.path_params["key"])
    figures: Headline = await viewer.background.result("list", records_stamp(entry.folder), headline, entry.path)
    return viewer.screens.part(request, "runs/headline", figures=figures, bits=bits, number=number)


def made_at(entry: ListedFolder) -> str:
    """When it was begun: date and time, UTC."""
    return entry.begun[:16].replace("T", " ")


RUN_COLUMNS: dict[str, Callable[[ListedFolder], str]] = {
    "name": lambda entry: entry.key.casefold(),
    "kind": lambda entry: entry.kind,
    "framework": lambda entry: entry.manifest.framework.name if entry.manifest else "",
    "state": lambda entry: entry.state,
    "made": made_at,
}
"""What the list is sorted by."""


def _words(entry: ListedFolder) -> str:
    framework = entry.manifest.framework.name if entry.manifest else ""
    members = [member.id for member in entry.manifest.pool.members] if entry.manifest and entry.manifest.pool else []
    simulated = "simulated" if entry.manifest and entry.manifest.simulated else "real"
    return " ".join((entry.key, entry.kind, framework, entry.state, simulated, *members)).casefold()


def _csv(entries: list[ListedFolder]) -> str:
    rows: list[list[Any]] = [
        [
            entry.key,
            entry.kind,
            entry.manifest.framework.name if entry.manifest else None,
            None if entry.manifest is None else "yes" if entry.manifest.simulated else "no",
            entry.state,
            made_at(entry),
        ]
        for entry in entries
    ]
    return as_csv(("name", "kind", "framework", "simulated", "state", "begun, UTC"), rows)
