"""The page as one text: results, figures and the models' words poured into the templates beside this file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...domain.errors import InputError
from ...domain.texts.counting import count, verb
from ...domain.texts.safe_text import harmless
from ...results.judges.judge_limits import limit_lines
from ..sheets.figure_text import generalise
from ..sheets.left_out import degenerate_line, dropped_labels_line
from ..sheets.result_sheets import key_to_values, value_names

if TYPE_CHECKING:
    from jinja2 import Environment

    from ...results.folder_report import FolderReport

PAGE_NEEDS = "the page needs two more packages, and {} is not installed — pip install 'adaem[page]'"


def page_of(report: FolderReport) -> str:
    """The whole page, as HTML, of a run, an evaluation or an import.

    Raises ``InputError`` without the extra ``page`` (jinja2 and matplotlib).
    """
    _check_installed()
    from .model_words import separating_questions

    style = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
    words = separating_questions(report.folder, report.results)
    return page_environment().get_template("page.html.jinja").render(**page_parts(report), style=style, words=words)


def page_parts(report: FolderReport) -> dict[str, Any]:
    """What the templates of the sections show, but for the models' own words: plain data and drawings."""
    from .forest_plot import contrast_forest, grown_against_seeds
    from .heat_map import heat_map
    from .model_map import model_map
    from .provenance import provenance
    from .radar import radars

    results = report.results
    return {
        "results": results,
        "asked": results.asked,
        "over": generalise(results.intervals.averages, results.intervals.wording_share),
        "over_answers": generalise(results.intervals.one_question),
        "degenerate": degenerate_line(results.asked),
        "names": value_names(results),
        "key_to_values": key_to_values(results),
        "of_judge": limit_lines(results.limits, results.asked.values) if results.asked.answers else (),
        "dropped_labels": dropped_labels_line(results.asked),
        "manifest": report.manifest,
        "comparisons": report.comparisons,
        "headline_drawing": grown_against_seeds(report.comparisons),
        "radars": radars(results),
        "heat_map": heat_map(results),
        "forest": contrast_forest(results),
        "map": model_map(results),
        "calls": report.calls,
        "provenance": provenance(report.manifest),
    }


def page_environment(*more_folders: Path) -> Environment:
    """What fills the templates beside this file, and those of ``more_folders``; every text is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from . import figure_formats as formats
    from .forest_plot import group_name

    environment = Environment(
        loader=FileSystemLoader([*more_folders, Path(__file__).parent / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("share", "percent", "points", "decimal", "bits", "number", "whole", "p_value"):
        environment.filters[name] = getattr(formats, name)
    environment.filters["group_name"] = group_name
    environment.filters |= {"count": partial(count, form=","), "verb": verb}
    return environment


def _plain(value: Any) -> Any:
    """Text from whomever it comes without the characters that steer what a reader sees; then jinja escapes it."""
    return harmless(value) if type(value) is str else value


def _check_installed() -> None:
    from importlib.util import find_spec

    for package in ("jinja2", "matplotlib"):
        if find_spec(package) is None:
            raise InputError(PAGE_NEEDS.format(package))
