"""From what a page shows to its HTML: the templates here and those of the static page, one environment for both."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ..domain.texts.safe_text import harmless
from ..reports.page.build_page import page_environment
from ..reports.simulated_banner import SIMULATED_LABELS, SIMULATED_RESPONDENTS
from ..results.browsing.listed_folders import ListedFolder

TEMPLATES = Path(__file__).parent / "templates"

TABS = (
    ("", "Overview", ("run", "fork", "replay", "evaluation", "import", "ratings")),
    ("findings", "Findings", ("run", "fork", "replay", "evaluation", "import")),
    ("questions", "Questions", ("run", "fork", "replay", "evaluation", "import")),
    ("trace", "Trace", ("run", "fork", "replay", "evaluation", "import")),
)
"""The pages of one folder, and the kinds that have them."""


def address(*parts: str, **query: Any) -> str:
    """An address on this server: ``parts`` are quoted, None and empty values of ``query`` left out."""
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    pairs = [
        (name, str(each))
        for name, value in query.items()
        for each in (value if isinstance(value, list | tuple) else [value])
        if each not in (None, "")
    ]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def is_part(request: Request) -> bool:
    """Whether htmx asks for a part of a page that stands already."""
    return request.headers.get("hx-request") == "true"


class Screens:
    """Makes the answers of the server."""

    def __init__(self) -> None:
        self._environment = page_environment(TEMPLATES)
        self._environment.globals |= {"address": address, "tabs": TABS, "zip": zip}

    def html(self, template: str, **context: Any) -> str:
        """A template filled."""
        return self._environment.get_template(f"{template}.html.jinja").render(**context)

    def page(
        self, template: str, title: str, entry: ListedFolder | None = None, tab: str = "", **context: Any
    ) -> Response:
        """A whole page; ``entry`` is the folder that it is about, ``tab`` which of its pages."""
        banner = simulated_banner(entry) if entry is not None else ""
        return HTMLResponse(self.html(template, title=title, entry=entry, tab=tab, banner=banner, **context))

    def part(self, request: Request, template: str, entry: ListedFolder | None = None, **context: Any) -> Response:
        """A part of a page; a page around it where it is asked for by itself: without a script, or from a link."""
        if is_part(request):
            return HTMLResponse(self.html(template, entry=entry, **context))
        return self.page("wrapped", "A part of a page", entry, part=f"{template}.html.jinja", **context)

    def refusal(self, status: int, problem: str, remedy: str) -> Response:
        """The page that says no, in a sentence each; nothing on it comes from a folder."""
        return HTMLResponse(self.html("refusal", problem=problem, remedy=remedy), status)

    def problem(self, request: Request, status: int, problem: str, remedy: str) -> Response:
        """What is shown in the place of a page, or of a part of one, that cannot be made."""
        template = "problem_part" if is_part(request) else "problem"
        context = {"problem": problem, "remedy": remedy, "title": "This cannot be shown"}
        return HTMLResponse(self.html(template, entry=None, tab="", banner="", **context), status)


def simulated_banner(entry: ListedFolder) -> str:
    """What is said first where anything was simulated; empty where nothing was."""
    if entry.manifest is None or not entry.manifest.simulated:
        return ""
    return SIMULATED_LABELS if entry.kind == "import" else SIMULATED_RESPONDENTS


def download(text: str, name: str, kind: str) -> Response:
    """A file that the browser saves; ``name`` is cut to letters that every system takes."""
    clean = "".join(each if each.isalnum() or each in "-_." else "-" for each in harmless(name))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(clean)}"}
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)
