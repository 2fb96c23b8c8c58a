"""The app: which address leads to which page, and what is answered where one cannot be shown."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ..domain.errors import AdaemError, FileError
from ..records.damage import as_read
from .background import Background
from .guard import Guard
from .pages.call_page import call_part
from .pages.compare_page import compare_body, compare_page, then_and_now
from .pages.findings_page import circle_part, contrasts_part, findings_body, findings_page, picture, rates_file
from .pages.live_page import live_events, overview
from .pages.question_page import life_part, question_page
from .pages.questions_page import questions_page
from .pages.runs_page import headline_part, runs_page
from .pages.steps_page import step_page, steps_page
from .screens import Screens
from .shelf import Shelf

HERE = Path(__file__).parent
PAGE_STYLE = HERE.parent / "reports" / "page" / "style.css"
STATIC = {
    "page.css": PAGE_STYLE,
    **{name: HERE / "static" / name for name in ("viewer.css", "viewer.js", "htmx.min.js", "htmx.LICENSE.txt")},
}
"""The files that pages load; no other is given out."""


@dataclass(frozen=True)
class Viewer:
    """What pages are made from. Whoever draws holds the ``pen``: a drawing's style is the process's."""

    shelf: Shelf
    screens: Screens
    background: Background
    pen: Lock = field(default_factory=Lock)


Show = Callable[[Viewer, Request], Response | Awaitable[Response]]

PAGES: dict[str, Show] = {
    "/": runs_page,
    "/compare": compare_page,
    "/compare/body": compare_body,
    "/compare/question": then_and_now,
    "/run/{key}": overview,
    "/run/{key}/events": live_events,
    "/run/{key}/headline": headline_part,
    "/run/{key}/findings": findings_page,
    "/run/{key}/findings/body": findings_body,
    "/run/{key}/findings/circle": circle_part,
    "/run/{key}/findings/contrasts": contrasts_part,
    "/run/{key}/findings/rates.csv": rates_file,
    "/run/{key}/findings/picture/{name}": picture,
    "/run/{key}/questions": questions_page,
    "/run/{key}/question": question_page,
    "/run/{key}/question/life": life_part,
    "/run/{key}/call": call_part,
    "/run/{key}/trace": steps_page,
    "/run/{key}/step": step_page,
}


def application(viewer: Viewer, token: str, port: int) -> Guard:
    """The whole app, with the guard around it."""
    screens = viewer.screens

    def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        sentences = {404: "There is no such page", 500: "The server has a defect: its terminal shows where"}
        return screens.problem(request, status, sentences.get(status, "This cannot be shown"), "")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        viewer.background.close()

    routes = [Route(path, _endpoint(viewer, show), methods=["GET"]) for path, show in PAGES.items()]
    app = Starlette(
        routes=[*routes, Route("/static/{name}", _static, methods=["GET"])],
        exception_handlers={HTTPException: refused, 500: refused},
        lifespan=lifespan,
    )
    return Guard(app, token, port, screens.refusal)


def _endpoint(viewer: Viewer, show: Show) -> Callable[[Request], Any]:
    """``show`` as an endpoint: one that waits runs in the loop, any other in a thread."""

    def problem(request: Request, error: AdaemError | OSError) -> Response:
        if isinstance(error, OSError):
            file = error.filename or request.path_params.get("key", "the folder")
            error = FileError(file, error.strerror or "cannot be read", remedy="copy the whole folder again")
        return viewer.screens.problem(request, 422, error.problem, error.remedy)

    def in_thread(request: Request) -> Any:
        try:
            with as_read(request.path_params.get("key", "the folder")):
                return show(viewer, request)
        except (AdaemError, OSError) as error:
            return problem(request, error)

    async def in_loop(request: Request) -> Any:
        try:
            with as_read(request.path_params.get("key", "the folder")):
                shown: Any = show(viewer, request)
                return await shown
        except (AdaemError, OSError) as error:
            return problem(request, error)

    return in_loop if inspect.iscoroutinefunction(show) else in_thread


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404)
    return FileResponse(STATIC[name], headers={"Cache-Control": "no-cache"})
