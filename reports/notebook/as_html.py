"""Tables and sentences as HTML for a notebook; texts come from models and files, and none of them is taken as HTML."""

from __future__ import annotations

import io
from collections.abc import Iterable
from html import escape

from rich.console import Console, RenderableType

from ...domain.texts.safe_text import harmless
from ...results.result_types import Results
from ..sheets.all_sheets import main_sheets
from ..sheets.result_sheets import asked_lines, key_to_models
from ..sheets.sheet import Sheet
from ..simulated_banner import SIMULATED_RESPONDENTS

WIDTH = 100
"""Characters of what is printed as in a terminal."""


def results_html(results: Results, title: str) -> str:
    """The answer, the profiles and the significant contrasts of one folder, with what is missing."""
    asked = results.asked
    warnings = []
    if asked.simulated:
        warnings.append(SIMULATED_RESPONDENTS if asked.kind != "import" else "the judge is simulated")
    if asked.status != "finished":
        warnings.append(f"this {asked.kind} is {asked.status}: this is what it has so far")
    lines = [*results.sentences, *asked_lines(results), *key_to_models(results).splitlines()]
    return "".join(
        [
            f"<h4>{text_html(title)}</h4>",
            *(f"<p><b>{text_html(each)}</b></p>" for each in warnings),
            lines_html(lines),
            *map(sheet_html, main_sheets(results)),
            *(f"<p>{text_html(note)}.</p>" for note in results.notes),
        ]
    )


def lines_html(lines: Iterable[str]) -> str:
    """A paragraph a line."""
    return "".join(f"<p>{text_html(line)}</p>" for line in lines)


def sheet_html(sheet: Sheet) -> str:
    """One table with its title above and its note below."""
    head = "".join(f"<th>{text_html(each)}</th>" for each in sheet.columns)
    body = "".join(
        f"<tr>{''.join(_cell(cell, place < sheet.words) for place, cell in enumerate(row))}</tr>" for row in sheet.rows
    )
    foot = f"<p><small>{text_html(sheet.foot)}.</small></p>" if sheet.foot else ""
    caption = f"<caption style='text-align:left'>{text_html(sheet.title)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"


def printed_html(printable: RenderableType) -> str:
    """What a terminal would show, as preformatted text."""
    return f"<pre>{escape(printed_text(printable))}</pre>"


def printed_text(printable: RenderableType) -> str:
    """What a terminal would show, without colours."""
    console = Console(record=True, file=io.StringIO(), width=WIDTH)
    console.print(printable)
    return console.export_text()


def text_html(text: str) -> str:
    """``text`` as HTML shows it, without the characters that steer what a reader sees."""
    return escape(harmless(text))


def _cell(text: str, words: bool) -> str:
    return f"<td style='text-align:{'left' if words else 'right'}'>{text_html(text)}</td>"
