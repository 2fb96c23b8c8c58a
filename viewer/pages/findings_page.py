"""The findings: the sections of the static page, with cells and rows that lead to the questions behind them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from ...domain.errors import InputError
from ...reports.page.drawing import SERIES, standalone
from ...reports.page.radar import overlaid
from ...results.browsing.listed_folders import ListedFolder
from ...results.browsing.question_rows import records_stamp
from ...results.result_types import REFUSAL, Contrast, Results
from ..screens import address, download, is_part
from ..spreadsheet import as_csv
from ..statistics_jobs import findings_parts

if TYPE_CHECKING:
    from ..application import Viewer

CONTRAST_ROWS = 25
"""Contrasts on one page."""

FINDINGS_SECTIONS = (
    ("answer", "The answer"),
    ("asked", "What was asked of whom"),
    ("unseen", "Do the questions separate models that the search never saw?"),
    ("profiles", "Profiles"),
    ("rates", "Every model and value"),
    ("contrasts", "Which differences are real"),
    ("map", "Who is near whom"),
    ("quality", "The questions beside the seeds"),
    ("reliability", "Reliability"),
    ("missing", "What is missing, and what it cost"),
    ("reproduce", "How to reproduce it"),
)

PICTURES = {"unseen": ("headline_drawing",), "contrasts": ("forest",), "map": ("map",)}
"""Drawings by section."""

SORTS = {
    "size": lambda each: -abs(each.difference.estimate) if each.difference else 1.0,
    "q": lambda each: 2.0 if each.q_value is None else each.q_value,
    "models": lambda each: (each.first.casefold(), each.second.casefold()),
    "value": lambda each: each.value,
}


def findings_page(viewer: Viewer, request: Request) -> Response:
    """The frame at once; what it frames comes when it is computed."""
    entry = viewer.shelf.entry(request.path_params["key"])
    entry.made  # noqa: B018 - tells that a folder of ratings has no such page
    return viewer.screens.page("findings/page", "Findings", entry, "findings", sections=FINDINGS_SECTIONS)


async def findings_body(viewer: Viewer, request: Request) -> Response:
    """All sections."""
    entry = viewer.shelf.entry(request.path_params["key"])
    parts = await _parts(viewer, entry)
    context = {
        "entry": entry,
        "sections": FINDINGS_SECTIONS,
        "pictures": {section: [name for name in names if parts[name]] for section, names in PICTURES.items()},
        "cell_address": partial(_cell_address, entry),
        "most_overlaid": len(SERIES),
        "table_below": True,
        **parts,
    }
    if is_part(request):
        return viewer.screens.part(request, "findings/body", **context)
    return viewer.screens.page("findings/whole", "Findings", tab="findings", **context)


async def circle_part(viewer: Viewer, request: Request) -> Response:
    """The chosen models on one circle; as a file where that is wanted."""
    entry = viewer.shelf.entry(request.path_params["key"])
    results: Results = (await _parts(viewer, entry))["results"]
    models = request.query_params.getlist("models")

    def draw() -> Any:
        with viewer.pen:
            return overlaid(results, models)

    drawing = await run_in_threadpool(draw)
    if request.query_params.get("as") == "svg":
        return _as_file(drawing, f"{entry.key}-circle.svg")
    return viewer.screens.part(
        request, "findings/circle", entry=entry, drawing=drawing, models=models, most=len(SERIES)
    )


async def contrasts_part(viewer: Viewer, request: Request) -> Response:
    """The table of contrasts, filtered and sorted; as CSV where a file is wanted."""
    entry = viewer.shelf.entry(request.path_params["key"])
    results: Results = (await _parts(viewer, entry))["results"]
    query = {name: request.query_params.get(name, "") for name in ("model", "value", "verdict", "sort")}
    fitting = chosen_contrasts(results, query)
    if request.query_params.get("as") == "csv":
        return download(_contrasts_csv(results, fitting), f"{entry.key}-contrasts.csv", "text/csv")
    more = request.query_params.get("rows", "")
    rows = int(more) if more.isascii() and more.isdecimal() and len(more) < 7 else CONTRAST_ROWS
    return viewer.screens.part(
        request,
        "findings/contrasts",
        entry=entry,
        results=results,
        asked=results.asked,
        contrasts=fitting[:rows],
        number=len(fitting),
        rows=rows,
        query=query,
        refusal=REFUSAL,
        contrast_address=partial(_contrast_address, entry),
    )


async def rates_file(viewer: Viewer, request: Request) -> Response:
    """All rates with their intervals, as CSV."""
    entry = viewer.shelf.entry(request.path_params["key"])
    results: Results = (await _parts(viewer, entry))["results"]
    rows: list[list[Any]] = []
    for profile in results.profiles:
        for value, rate in profile.values.items():
            low, high = (rate.best.interval if rate.best else None) or (None, None)
            estimate = rate.best.estimate if rate.best else None
            rows.append([profile.model, results.asked.values.get(value, value), estimate, low, high])
    columns = ("model", "value", "rate", "low_95", "high_95")
    return download(as_csv(columns, rows), f"{entry.key}-rates.csv", "text/csv")


async def picture(viewer: Viewer, request: Request) -> Response:
    """One drawing of the page as a file."""
    entry = viewer.shelf.entry(request.path_params["key"])
    parts, name = await _parts(viewer, entry), request.path_params["name"]
    drawing = None
    if name in {each for names in PICTURES.values() for each in names}:
        drawing = parts[name].drawing if name == "forest" and parts[name] else parts[name]
    return _as_file(drawing, f"{entry.key}-{name.replace('_', '-')}.svg")


def chosen_contrasts(results: Results, query: dict[str, str]) -> list[Contrast]:
    """The contrasts of values and of refusals that fit, in the order that is asked for."""
    fitting = [
        each
        for each in (*results.contrasts.contrasts, *results.refusals.contrasts)
        if query["model"] in ("", each.first, each.second)
        and query["value"] in ("", each.value)
        and query["verdict"] in ("", each.verdict)
    ]
    return sorted(fitting, key=SORTS.get(query["sort"], SORTS["size"]))


async def _parts(viewer: Viewer, entry: ListedFolder) -> dict[str, Any]:
    entry.made  # noqa: B018 - tells that a folder of ratings has no such page
    parts: dict[str, Any] = await viewer.background.result(
        "pages", records_stamp(entry.folder), findings_parts, entry.path
    )
    return parts


def _cell_address(entry: ListedFolder, model: str, value: str) -> str:
    return address("run", entry.key, "questions", model=model, value=value, rated_in="evaluate")


def _contrast_address(entry: ListedFolder, contrast: Contrast) -> str:
    first, second, _ = contrast.ordered
    value = "" if contrast.value == REFUSAL else contrast.value
    return address("run", entry.key, "questions", model=first, against=second, value=value, rated_in="evaluate")


def _as_file(drawing: Any, name: str) -> Response:
    if drawing is None:
        raise InputError("there is no such picture — see the page of the findings")
    return download(standalone(str(drawing)), name, "image/svg+xml")


def _contrasts_csv(results: Results, contrasts: list[Contrast]) -> str:
    rows: list[list[Any]] = []
    for each in contrasts:
        low, high = (each.difference.interval if each.difference else None) or (None, None)
        estimate = each.difference.estimate if each.difference else None
        value = results.asked.values.get(each.value, each.value)
        figures = [estimate, low, high, each.p_value, each.q_value]
        rows.append([each.first, each.second, value, *figures, each.verdict, each.questions, each.topics])
    columns = (
        "first",
        "second",
        "value",
        "difference",
        "low_95",
        "high_95",
        "p",
        "q",
        "verdict",
        "questions",
        "topics",
    )
    return as_csv(columns, rows)
