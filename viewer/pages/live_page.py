"""A folder's first page: where it is now, kept up to date while it changes; the same page when it has ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ...domain.errors import AdaemError
from ...records.damage import as_read
from ...records.ratings_folder import load_ratings
from ...records.status import how_to_continue
from ...reports.page.curve_drawing import curve_drawing
from ...reports.sheets.rated_sheets import rated_closing, rated_lines, rated_sheets
from ...results.browsing.listed_folders import ListedFolder
from ...results.browsing.question_rows import records_stamp
from ...results.browsing.run_follower import RunStanding
from ...results.models.rated_results import rated_results

if TYPE_CHECKING:
    from ..application import Viewer

PARTS = ("state", "progress", "best", "curve", "work", "members", "troubles", "spent")
"""The parts of the page, each sent again when it has changed."""

EVERY_AT_WORK = 2.0
"""Seconds between two looks at a run that is going on."""

EVERY_AT_REST = 5.0
"""Seconds between two looks at one that is not, and may be resumed."""

LARGE = 100_000_000
"""Bytes of records whose calls take longer to count than a page may: its parts come by themselves when they are."""

CURVE_EVERY = 15.0
"""Seconds between two drawings of the curve while it grows: drawing takes longer than all the rest."""


def overview(viewer: Viewer, request: Request) -> Response:
    """The page with everything as it is now."""
    entry = viewer.shelf.entry(request.path_params["key"])
    if entry.ratings is not None:
        results = rated_results(load_ratings(entry.path), entry.key)
        sheets, lines, closing = rated_sheets(results, None), rated_lines(results), rated_closing(results)
        return viewer.screens.page(
            "live/ratings", entry.key, entry, "", results=results, sheets=sheets, lines=lines, closing=closing
        )
    manifest = entry.made
    counted = viewer.shelf.follower(entry).has_looked or entry.folder.records_path.stat().st_size < LARGE
    parts = _Parts(viewer, entry.key).now(entry) if counted else {}
    page = viewer.screens.page("live/overview", entry.key, entry, "", parts=parts, manifest=manifest)
    page.background = BackgroundTask(_read_ahead, viewer, entry)
    return page


def _read_ahead(viewer: Viewer, entry: ListedFolder) -> None:
    """The table of questions, which takes a second or two where there are ten thousand, before it is asked for."""
    with suppress(AdaemError), as_read(entry.key):
        viewer.shelf.questions(entry).table()


async def live_events(viewer: Viewer, request: Request) -> Response:
    """The stream of the parts that change, as server-sent events named by part."""
    key = request.path_params["key"]
    viewer.shelf.entry(key).made  # noqa: B018 - tells that there is nothing to follow
    return StreamingResponse(_stream(viewer, key), media_type="text/event-stream")


async def _stream(viewer: Viewer, key: str) -> AsyncIterator[str]:
    parts = _Parts(viewer, key)
    sent: dict[str, str] = {}
    while True:
        try:
            changed, running = await run_in_threadpool(parts.changed)
        except AdaemError as error:
            html = viewer.screens.html("problem_part", problem=error.problem, remedy=error.remedy)
            changed, running = {"state": html}, False
        for name, html in changed.items():
            if sent.get(name) != html:
                sent[name] = html
                yield _event(name, html)
        yield ": still here\n\n"  # so that a page that was closed is noticed
        await asyncio.sleep(EVERY_AT_WORK if running else EVERY_AT_REST)


def _event(name: str, html: str) -> str:
    lines = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"event: {name}\n{lines}\n"


class _Parts:
    """The parts of one page that is open somewhere."""

    def __init__(self, viewer: Viewer, key: str) -> None:
        self._viewer = viewer
        self._key = key
        self._stamp: object = None
        self._curve = ""
        self._drawn: float | None = None

    def changed(self) -> tuple[dict[str, str], bool]:
        """All parts where anything has changed since the last look, and whether it is going on."""
        entry = self._viewer.shelf.entry(self._key)
        running = entry.made.status == "running"
        stamp = (records_stamp(entry.folder), entry.made.status)
        if stamp == self._stamp and not running:
            return {}, running
        self._stamp = stamp
        return self.now(entry), running

    def now(self, entry: ListedFolder) -> dict[str, str]:
        """All parts as they are now."""
        manifest = entry.made
        with as_read(self._key):
            standing = self._viewer.shelf.follower(entry).look(manifest, time.monotonic())
        shown: dict[str, Any] = {
            "entry": entry,
            "manifest": manifest,
            "standing": standing,
            "way_on": how_to_continue(entry.folder, manifest),
        }
        html = self._viewer.screens.html
        parts = {name: html(f"live/{name}", **shown) for name in PARTS if name != "curve"}
        return parts | {"curve": self._drawing(standing, manifest.status == "running", shown)}

    def _drawing(self, standing: RunStanding, running: bool, shown: dict[str, Any]) -> str:
        now = time.monotonic()
        if self._drawn is None or not running or now - self._drawn >= CURVE_EVERY:
            panel = next((each for each in standing.comparisons if each.group == "panel"), None)
            with self._viewer.pen:
                drawing = curve_drawing(standing.curve, panel)
            self._drawn = now if drawing is not None else None  # the first one does not wait
            self._curve = self._viewer.screens.html("live/curve", drawing=drawing, **shown)
        return self._curve
