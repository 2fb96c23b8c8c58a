"""The trace: its tree, filtered and a window at a time, and one step whole."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from ...reports.trace.trace_page import by_member, decided_on, stretches, value_text
from ..screens import download
from ..spreadsheet import as_csv
from ..step_index import IndexedStep

if TYPE_CHECKING:
    from ..application import Viewer

STEPS = 200
"""Steps on one page, so many more that a round is not torn apart."""

FILTERS = ("node", "agent", "topic", "words")


def steps_page(viewer: Viewer, request: Request) -> Response:
    """The tree of rounds, moves and steps; as CSV where a file is wanted."""
    entry = viewer.shelf.entry(request.path_params["key"])
    entry.made  # noqa: B018 - tells that a folder of ratings has no trace
    index = viewer.shelf.steps(entry)
    steps = index.steps()
    query = {name: request.query_params.get(name, "").strip() for name in FILTERS}
    fitting = [step for step in steps if _fits(step, query)]
    if request.query_params.get("as") == "csv":
        return download(_csv(fitting), f"{entry.key}-trace.csv", "text/csv")
    pages = _pages(fitting)
    number = request.query_params.get("page", "1")
    page = min(max(1, int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else 1), len(pages))
    shown: dict[str, Any] = {
        "entry": entry,
        "rounds": _tree(pages[page - 1]),
        "query": {name: text for name, text in query.items() if text},
        "filters": query,
        "page": page,
        "pages": len(pages),
        "number": len(fitting),
        "of": len(steps),
        "open": len(fitting) <= STEPS // 4 or any(query.values()),
        "damaged": index.damaged,
        "nodes": sorted({step.line.node for step in steps}),
        "agents": sorted({step.line.agent for step in steps} - {""}),
        "topics": sorted({step.line.topic_id for step in steps} - {""}),
    }
    if request.headers.get("hx-target", "").endswith("rows"):
        return viewer.screens.part(request, "trace/rows", **shown)
    return viewer.screens.page("trace/list", "Trace", tab="trace", **shown)


def step_page(viewer: Viewer, request: Request) -> Response:
    """One step whole."""
    entry = viewer.shelf.entry(request.path_params["key"])
    step = viewer.shelf.steps(entry).details(request.query_params.get("id", ""))
    shown: dict[str, Any] = {
        "step": step,
        "stretches": stretches,
        "by_member": by_member,
        "decided_on": decided_on(step),
        "value_text": value_text,
        "whole_round": len(step.answered) > 1,
    }
    return viewer.screens.page("trace/step", f"Step {step.event.id}", entry, "trace", **shown)


def _fits(step: IndexedStep, query: dict[str, str]) -> bool:
    line = step.line
    return (
        query["node"] in ("", line.node)
        and query["agent"] in ("", line.agent)
        and query["topic"] in ("", line.topic_id)
        and all(word in step.words for word in query["words"].casefold().split())
    )


def _pages(steps: list[IndexedStep]) -> list[list[IndexedStep]]:
    """Whole rounds together, until there are enough of them."""
    pages: list[list[IndexedStep]] = [[]]
    for _, of_round in groupby(steps, key=lambda step: step.line.round):
        if len(pages[-1]) >= STEPS:
            pages.append([])
        for step in of_round:
            if len(pages[-1]) >= 4 * STEPS:  # an evaluation is one round of thousands
                pages.append([])
            pages[-1].append(step)
    return pages


def _tree(steps: list[IndexedStep]) -> list[tuple[int, int, list[tuple[str, str, list[Any]]]]]:
    """Rounds, each with its number of steps and its moves: a name, the question's id, and the steps."""
    rounds = []
    for number, of_round in groupby(steps, key=lambda step: step.line.round):
        lines = [step.line for step in of_round]
        moves = [
            (f"{number}.{dispatch} {topic}" if topic else "", question, list(of_move))
            for (dispatch, topic, question), of_move in groupby(
                lines, key=lambda line: (line.dispatch, line.topic_id, line.question_id)
            )
        ]
        rounds.append((number, len(lines), moves))
    return rounds


def _csv(steps: list[IndexedStep]) -> str:
    columns = ("step", "node", "agent", "topic_id", "question_id", "decided", "score_bits", "change_bits", "calls")
    rows = [
        [
            *(line.id, line.node, line.agent, line.topic_id, line.question_id, line.decided),
            *(line.score, line.change, line.calls, line.cost, line.seconds),
        ]
        for line in (step.line for step in steps)
    ]
    return as_csv((*columns, "cost", "seconds"), rows)
