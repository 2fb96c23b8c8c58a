"""The page as one text: results, figures and the models' words poured into the templates beside this file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...domain.errors import InputError
from ...domain.pool_spec import Role
from ...domain.texts.counting import count, verb
from ...domain.texts.safe_text import harmless
from ...records import Manifest, RunFolder, RunRecords
from ...records.status import current_manifest
from ...results.grown_and_seeds import Comparison, comparisons
from ...results.result_types import Results

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE_NEEDS = "the page needs two more packages, and {} is not installed — pip install 'adaem[page]'"


def page_of(folder: RunFolder, results: Results) -> str:
    """The whole page, as HTML, of a run, an evaluation or an import: ``results`` are those of ``folder``.

    Raises ``InputError`` without the extra ``page`` (jinja2 and matplotlib).
    """
    _check_installed()
    from .bookkeeping import bookkeeping
    from .forest_plot import contrast_forest, grown_against_seeds
    from .heat_map import heat_map
    from .model_map import model_map
    from .model_words import separating_questions
    from .radar import radars

    manifest = current_manifest(folder)
    headline = _headline(folder, manifest)
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            results=results,
            manifest=manifest,
            style=(Path(__file__).parent / "style.css").read_text(encoding="utf-8"),
            comparisons=headline,
            headline_drawing=grown_against_seeds(headline),
            radars=radars(results),
            heat_map=heat_map(results),
            forest=contrast_forest(results),
            map=model_map(results),
            words=separating_questions(folder, results),
            spent=bookkeeping(folder, manifest),
        )
    )


def _headline(folder: RunFolder, manifest: Manifest) -> tuple[Comparison, ...]:
    with RunRecords(folder.records_path, read_only=True) as records:
        return comparisons(records, (Role.PANEL, Role.EXAMINEE), manifest.settings.seed)


def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from . import figure_formats as formats
    from .forest_plot import group_name

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
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


def _plain(shown: Any) -> Any:
    """Text from whomever it comes without the characters that steer what a reader sees; then jinja escapes it."""
    return harmless(shown) if type(shown) is str else shown


def _check_installed() -> None:
    from importlib.util import find_spec

    for package in ("jinja2", "matplotlib"):
        if find_spec(package) is None:
            raise InputError(PAGE_NEEDS.format(package))
