"""``adaem report``: the result again, from the folder of a run, an evaluation or an import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from ...records import RunFolder


def report_verb(
    path: Path,
    as_json: bool = False,
    *,
    full: bool = False,
    page: Path | None = None,
    markdown: Path | None = None,
    advise: bool = False,
) -> None:
    """Prints the result as tables (``full``: all there are), or as one JSON object.

    ``page`` and ``markdown`` are files that are written besides. ``advise``: how a run that has not finished goes on.
    """
    from ...records import open_run
    from ...records.ratings_folder import holds_ratings
    from ...reports.terminal.folder_view import folder_view
    from ...results.folder_report import folder_report
    from ..output_paths import HTML_PAGE, MARKDOWN, check_output
    from ..process.console import output

    check_output(page, HTML_PAGE)
    check_output(markdown, MARKDOWN)
    if holds_ratings(path):
        rated_report_verb(path, as_json, full=full, page=page, markdown=markdown)
        return
    console = output()
    report = folder_report(open_run(path))
    if markdown is not None:
        from ...reports.markdown import results_markdown

        _write(markdown, results_markdown(report.results))
    if page is not None:
        from ...reports.page import page_of

        _write(page, page_of(report))
    if as_json:
        print(json.dumps(report.as_json(), indent=2, ensure_ascii=False))  # noqa: T201
        return
    console.print(folder_view(report, console.width, full=full))
    if advise:
        print_way_on(report.folder, console)


def rated_report_verb(
    path: Path, as_json: bool, *, full: bool = False, page: Path | None = None, markdown: Path | None = None
) -> None:
    """The same for a folder of imported ratings. Raises ``InputError`` for a ``page``, which they have none of."""
    from ...domain.errors import InputError
    from ...records.ratings_folder import load_ratings
    from ...reports.terminal.rated_report import rated_report
    from ...results.models.rated_results import rated_results
    from ..process.console import output

    if page is not None:
        raise InputError(f"--html: there is no page of imported ratings ({path}) — take --md or --json")
    results = rated_results(load_ratings(path), str(path))
    if markdown is not None:
        from ...reports.markdown import rated_markdown

        _write(markdown, rated_markdown(results))
    if as_json:
        print(json.dumps(results.model_dump(mode="json"), indent=2, ensure_ascii=False))  # noqa: T201
        return
    console = output()
    console.print(rated_report(results, console.width, full=full))


def print_way_on(folder: RunFolder, console: Console) -> None:
    """What became of a run that has not finished, and how to go on with it."""
    from ...records.status import current_manifest, how_to_continue
    from ...reports.plain_text import plain
    from ...results.compute import kind_of

    manifest = current_manifest(folder)
    if way := how_to_continue(folder, manifest):
        cut_off = manifest.status == "cut off"
        reason = (
            "was cut off: no process is at work on it any more" if cut_off else f"ended early: {manifest.stop_reason}"
        )
        console.print(plain(f"This {kind_of(manifest)} {reason}; {way}.", style="bold"), soft_wrap=True)


def _write(path: Path, text: str) -> None:
    from ...records.whole_file import write_whole, written

    with written(path):
        write_whole(path, text)
