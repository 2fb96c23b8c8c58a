"""The results of an evaluation as Markdown, for a paper or an issue: every table, in GitHub's form."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..domain.texts.safe_text import one_line
from ..results.judges.judge_limits import limit_lines
from ..results.models.rated_types import RatedResults
from ..results.result_types import Results
from .sheets.all_sheets import all_sheets
from .sheets.left_out import degenerate_line
from .sheets.more_result_sheets import reliability_lines
from .sheets.rated_sheets import rated_closing, rated_lines, rated_sheets
from .sheets.result_sheets import asked_lines, closing, key_to_models
from .sheets.sheet import Sheet
from .simulated_banner import SIMULATED_RESPONDENTS

_ACTIVE = re.compile(r"[\\`*_{}\[\]#|~$!]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}


def results_markdown(results: Results) -> str:
    """Everything that can be said, with each table's note below it."""
    asked = results.asked
    lines = ["# How the models differ", ""]
    if asked.simulated and asked.kind != "import":
        lines += [f"**{SIMULATED_RESPONDENTS} (simulator version {asked.simulator_version})**", ""]
    if asked.status != "finished":
        lines += [f"**This {asked.kind} is {asked.status}: this is what it has so far.**", ""]
    if degenerate := degenerate_line(asked):
        lines += [f"**{escaped(degenerate)}**", ""]
    of_judge = limit_lines(results.limits, asked.values) if asked.answers else ()
    for line in (*results.sentences, *of_judge, *asked_lines(results)):
        lines += [escaped(line), ""]
    for line in key_to_models(results).splitlines():
        lines += [escaped(line), ""]
    lines += _tables(all_sheets(results))
    lines += [part for line in reliability_lines(results) for part in (escaped(line), "")]
    lines += [f"- {escaped(note)}." for note in results.notes]
    lines += [""] if results.notes else []
    lines.append(escaped(closing(results)))
    return "\n".join(lines) + "\n"


def rated_markdown(results: RatedResults) -> str:
    """Imported ratings: every value, with the notes below."""
    lines = ["# How the models differ", ""]
    for line in (*results.sentences, *rated_lines(results)):
        lines += [escaped(line), ""]
    lines += _tables(rated_sheets(results))
    lines += [f"- {escaped(note)}." for note in results.notes]
    lines += ["", escaped(rated_closing(results))]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """``text`` from whomever it comes, on one line, as Markdown shows it: no markup, links or mentions."""
    marked = _ACTIVE.sub(r"\\\g<0>", one_line(text))
    result = "".join(_ENTITIES.get(letter, letter) for letter in marked)
    return result.replace("://", ":&#47;&#47;").replace("www.", "www&#46;")


def sheet_markdown(sheet: Sheet) -> str:
    """One table with its title above and its note below."""
    return "\n".join(_tables([sheet]))


def _tables(sheets: Iterable[Sheet]) -> list[str]:
    lines = []
    for sheet in sheets:
        lines += [f"## {escaped(sheet.title)}", "", _line(sheet.columns)]
        lines.append(_line_raw("---" if column < sheet.words else "---:" for column in range(sheet.size)))
        lines += [*(_line(row) for row in sheet.rows), ""]
        if sheet.foot:
            lines += [f"{escaped(sheet.foot)}.", ""]
    return lines


def _line(cells: Iterable[str]) -> str:
    return _line_raw(map(escaped, cells))


def _line_raw(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
