"""One recorded call: the prompt as it was sent, and the raw reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from ...domain.errors import InputError
from ...records import RunRecords

if TYPE_CHECKING:
    from ..application import Viewer


def call_part(viewer: Viewer, request: Request) -> Response:
    """The calls named by ``id``, as a part of a page."""
    entry = viewer.shelf.entry(request.path_params["key"])
    with RunRecords(entry.folder.records_path, read_only=True) as records:
        calls = records.calls(request.query_params.getlist("id"))
    if not calls:
        raise InputError("this call was not recorded here — the answer was imported, or its run was replayed")
    return viewer.screens.part(
        request, "questions/call", calls=calls, currency=entry.made.pool.currency if entry.made.pool else ""
    )
