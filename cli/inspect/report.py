"""``adaem report``: the result again, from the folder of a run, an evaluation or an import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from ...records import RunFolder
    from ...results.result_types import Results


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
    from ...results.compute import report_parts
    from ..output_paths import HTML_PAGE, MARKDOWN, check_output
    from ..process.console import output

    check_output(page, HTML_PAGE)
    check_output(markdown, MARKDOWN)
    folder, console = open_run(path), output()
    results = report_parts(folder)
    if markdown is not None:
        from ...reports.markdown import results_markdown

        _write(markdown, results_markdown(results))
    if page is not None:
        from ...reports.page import page_of

        _write(page, page_of(folder, results))
    if as_json:
        print(_json(folder, results))  # noqa: T201
    else:
        console.print(_shown(folder, results, console.width, full))
        if advise:
            print_way_on(folder, console)


def print_way_on(folder: RunFolder, console: Console) -> None:
    """What became of a run that has not finished, and how to go on with it."""
    from ...records.status import current_manifest, how_to_continue
    from ...reports.plain_text import plain
    from ...results.compute import kind_of

    manifest = current_manifest(folder)
    if way := how_to_continue(folder, manifest):
        cut_off = manifest.status == "cut off"
        told = (
            "was cut off: no process is at work on it any more" if cut_off else f"ended early: {manifest.stop_reason}"
        )
        console.print(plain(f"This {kind_of(manifest)} {told}; {way}.", style="bold"), soft_wrap=True)


def _shown(folder: RunFolder, results: Results, width: int, full: bool) -> RenderableType:
    """The results of an evaluation or an import; below a run's own report only the answer, unless all is wanted."""
    from rich.console import Group

    from ...reports.terminal.evaluation_report import results_brief, results_tables
    from ...reports.terminal.import_report import imported_result
    from ...reports.terminal.run_report import result
    from ...results.import_summary import summarise_imported
    from ...results.run_summary import summarise

    if results.asked.kind == "evaluation":
        return results_tables(results, width, full=full)
    if results.asked.kind == "import":
        return imported_result(summarise_imported(folder, results), results, width, full=full)
    first = result(summarise(folder), width)
    if not results.asked.answers and not full:
        return first
    return Group(first, "", results_tables(results, width, full=True) if full else results_brief(results, width))


def _json(folder: RunFolder, results: Results) -> str:
    """The summary of a run or an import with the results beside it; of an evaluation the results alone."""
    from ...results.import_summary import summarise_imported
    from ...results.run_summary import summarise

    if results.asked.kind == "evaluation":
        return results.model_dump_json(indent=2)
    summary = summarise_imported(folder, results) if results.asked.kind == "import" else summarise(folder)
    return json.dumps(
        {**summary.model_dump(mode="json"), "results": results.model_dump(mode="json")}, indent=2, ensure_ascii=False
    )


def _write(path: Path, text: str) -> None:
    from ...records.whole_file import write_whole, written

    with written(path):
        write_whole(path, text)
