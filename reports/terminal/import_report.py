"""The result of an import in the terminal: where the answers come from, then the same tables as of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group, RenderableType

from ...domain.texts.counting import count, verb
from ...records.recorded_answers import RecordedSource
from ...results.result_types import Results
from ...results.summary_types import ImportSummary
from ..plain_text import plain
from ..sheets.figure_text import counts
from .evaluation_report import first_lines, results_body
from .status_lines import spaced


def import_report(
    summary: ImportSummary, results: Results, width: int, *, full: bool = False, steps: RenderableType | None = None
) -> RenderableType:
    """Everything that an import has to say; ``full`` shows every table, ``steps`` stand after the answer."""
    return Group(
        *spaced([*first_lines(results, steps), plain(_source(summary)), results_body(results, width, full=full)]),
        plain(_bookkeeping(summary)),
    )


def _source(summary: ImportSummary) -> str:
    source = summary.recorded
    wordings = f" in {len(source.wordings)} wordings" if source.wordings else ""
    thinking = f" Thinking was taken off {count(source.thinking, 'answer')}." if source.thinking else ""
    lines = [
        f"Recorded answers: {source.rows} of {count(len(source.models), 'model')} to "
        f"{count(source.questions, 'question')}{wordings}, from {source.file}, each judged as a whole; no model was "
        "called.",
        f"As read: {_outcomes(source.outcomes)}.{thinking} {_refusals(source)}",
        f"{summary.judged} {verb(summary.judged, 'was', 'were')} labelled by the judge {summary.judge}. "
        f"Left out of every figure: {counts(summary.missing)}.",
    ]
    if source.wordings:
        lines.append("Samples are answers to different wordings: the tests permute them within one wording only.")
    return "\n".join(lines)


def _outcomes(outcomes: Mapping[str, int]) -> str:
    """Answered, refused, degenerate, empty and thinking only are counted even where there is none."""
    always = dict.fromkeys(("answered", "refused", "degenerate", "unparsable (empty)", "unparsable (thinking only)"), 0)
    return counts({**always, **outcomes})


def _refusals(source: RecordedSource) -> str:
    if "refused" not in source.columns:
        return "Refusals are known by their words."
    silent = f"; it is silent on {source.unsaid}, whose words decide" if source.unsaid else ""
    return f"Refusals are those of the column {source.columns['refused']}{silent}."


def _bookkeeping(summary: ImportSummary) -> str:
    lines = [
        *(
            f"{count(number, 'question')}: {reason}."
            for reason, number in {**summary.unscored, **summary.warnings}.items()
        ),
        f"Model calls: {summary.calls}, in {summary.seconds:.0f} s.",
        f"sha256 of the answers: {summary.recorded.sha256}.",
        *(f"Note: {notice}." for notice in summary.notices),
        *(f"{name.capitalize()}: {path}" for name, path in summary.files.items()),
    ]
    return "\n".join(lines)
