"""The report of a run in the terminal: what the search brought, grown questions against seeds, then the results."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from ...domain.texts.counting import count, verb
from ...results.grown_and_seeds import Estimate, SeedComparison
from ...results.result_types import Results
from ...results.summary_types import RunSummary
from ..plain_text import plain
from ..sheets.figure_text import bits, generalise, p_value, with_interval
from ..sheets.left_out import dropped_labels_line
from ..sheets.result_sheets import key_to_models, rates_sheet, system_sheet
from .call_lines import call_lines
from .evaluation_report import first_lines, results_body, significant_differences
from .judge_tables import agreement, quadratic_line
from .sheet_table import sheet_table
from .spending_table import spent_table
from .status_lines import spaced

REASONS = 3
"""Reasons for refused drafts that are shown; a model may find a new one each time."""


def run_report(
    summary: RunSummary, results: Results, width: int, *, full: bool = False, steps: RenderableType | None = None
) -> RenderableType:
    """The answer of its ``results``, the next ``steps``, all that a run has to say, and the significant differences or
    all tables.
    """
    parts = [
        *first_lines(results, steps),
        _search(summary),
        _seed_comparisons(summary.comparisons, generalise(results.intervals.averages)),
    ]
    rates = rates_sheet(results)
    if rates is not None:
        key = key_to_models(results)
        parts.append(Group(sheet_table(rates, width), *([plain(key)] if key else [])))
    if not full and (systems := system_sheet(results)) is not None:
        parts.append(sheet_table(systems, width))
    if summary.quadratic is not None:
        parts.append(plain(quadratic_line(summary.quadratic)))
    if summary.agreement is not None:
        parts.append(agreement(summary.agreement, summary.values))
    if summary.best:
        parts.append(_best(summary))
    if summary.forecast is not None:
        parts.append(spent_table(summary.forecast, summary.spent))
    report = [*spaced(parts), _bookkeeping(summary, results)]
    if full:
        report += ["", results_body(results, width, full=True)]
    elif results.asked.answers:
        report += ["", significant_differences(results, width)]
    return Group(*report)


def _search(summary: RunSummary) -> RenderableType:
    lines = [
        f"{count(summary.questions_confirmed, 'question')} from {count(summary.topics_confirmed, 'topic')} re-tested "
        f"on new answers; on {summary.separating} of them the models of the panel differ significantly (q ≤ 0.05, a "
        "false discovery rate of 5 %)."
    ]
    if summary.confirmed is not None:
        lines.append(
            f"Mean divergence of {summary.confirmed.questions} of them: {with_interval(summary.confirmed)} bits."
        )
    if summary.shrinkage is not None:
        lines.append(f"Mean drop of their scores on re-test, the winner's curse: {with_interval(summary.shrinkage)}.")
    if summary.questions_published:
        again = any(each.grown for each in summary.comparisons)
        lines.append(
            f"The benchmark is the best {summary.questions_published} of them, from "
            f"{count(summary.topics_published, 'topic')} ({summary.separating_published} with q ≤ 0.05)."
            + ("" if _shrunken(summary) else " Their scores are slightly too high, since the best were chosen by them.")
            + (" The benchmark was re-tested once more, below." if again else "")
        )
    if summary.questions_linked:
        near = f"{verb(summary.questions_linked, 'is a near-duplicate', 'are near-duplicates')} of a better one"
        lines.append(f"{summary.questions_linked} of the re-tested {near} (by their answers) and not counted.")
    if summary.drafts_refused:
        reasons = ", ".join(f"{number} × {reason}" for reason, number in list(summary.drafts_refused.items())[:REASONS])
        lines.append(f"{count(sum(summary.drafts_refused.values()), 'draft')} refused: {reasons}.")
    lines.append(
        f"{count(summary.rounds, 'round')}; {count(summary.duplicates_refused, 'duplicate')} refused; stopped because: "
        f"{summary.stop_reason or '–'}."
    )
    return plain("\n".join(lines))


def _seed_comparisons(comparisons: Sequence[SeedComparison], over: str) -> RenderableType:
    if not comparisons:
        return plain("Grown against seed questions: not measured in this run.")
    table = Table(
        title="Divergence in bits on new answers, as observed through the judge; 95 % intervals",
        title_justify="left",
        box=SIMPLE,
        pad_edge=False,
    )
    table.add_column("asked of")
    for name in ("grown", "seeds", "difference"):
        table.add_column(name, justify="right")
    rows: list[RenderableType] = [table]
    for each in comparisons:
        who = "held-out examinees" if each.group == "examinee" else "panel"
        if each.difference is not None:
            table.add_row(
                plain(f"{who}\n({count(len(each.models), 'model')})"),
                *(plain(_in_rows(estimate)) for estimate in (each.grown, each.seeds, each.difference)),
            )
        skipped = f"{count(each.left_out, 'question')} skipped: not all models gave two answers"
        rows.append(plain(f"{who}: {each.verdict}{f' ({skipped})' if each.left_out else ''}.", style="bold"))
        if (settled := settled_line(each)) is not None:
            rows.append(plain(settled))
    if any(each.difference is not None for each in comparisons):
        rows.insert(1, plain(f"{over}."))
    return Group(*rows)


def settled_line(comparison: SeedComparison) -> str | None:
    """How many contrasts the grown questions settle and how many the seeds do; None where that is not known."""
    grown, seeds = comparison.grown_settled, comparison.seeds_settled
    if grown is None or seeds is None:
        return None
    sides = [
        f"{each.different} [{each.interval[0]:.0f}, {each.interval[1]:.0f}] on {name}"
        for each, name in ((grown, "grown questions"), (seeds, "seeds"))
    ]
    return (
        f"Significant contrasts, of {grown.compared} pairs × values, on {count(grown.topics, 'topic')} with one "
        f"question each: {' and '.join(sides)}."
    )


def _in_rows(estimate: Estimate | None) -> str:
    questions = 0 if estimate is None else estimate.questions
    return f"{with_interval(estimate).replace(' [', chr(10) + '[')}\n{count(questions, 'question')}"


def _shrunken(summary: RunSummary) -> bool:
    return any(line["score"] is not None and line["score"]["shrunken"] is not None for line in summary.best)


def _best(summary: RunSummary) -> RenderableType:
    scores = "scores of the re-test" + (", shrunken for their selection" if _shrunken(summary) else "")
    lines: list[RenderableType] = [plain(f"The best questions by rank ({scores}):", style="italic")]
    for line in summary.best:
        score = line["score"]
        if score is None:
            continue
        ends = "divergence", "interval"
        if score["shrunken"] is not None:
            ends = "shrunken", "shrunken_interval"
        figures = f"{bits(score[ends[0]], score[ends[1]])} bits"
        tests = f"p {p_value(score['p_value'])}, q {p_value(score['q_value'])}"
        if score["stance_agreement"] is not None:
            tests += f", stances agree {100 * score['stance_agreement']:z.0f} %"
        lines.append(plain(f"{line['rank']}. {figures}, {tests}   ({line['id']})"))
        lines.append(Padding(plain(line["question"]), (0, 0, 0, 3)))
    return Group(*lines)


def _bookkeeping(summary: RunSummary, results: Results) -> RenderableType:
    sessions = f" in {summary.sessions} sessions" if summary.sessions > 1 else ""
    origin = f" It is a replay of {summary.replay_of}: no model was called." if summary.replay_of else ""
    if summary.fork is not None:
        where = f" from step {summary.fork.at} on" if summary.fork.at else ""
        origin = f" It is a fork of {summary.fork.run_id}{where}, which had recorded {summary.fork.recalled} of them."
    by_prompt = ", ".join(f"{name} {number}" for name, number in summary.calls.items())
    lines = [
        f"Calls: {sum(summary.calls.values())} in {summary.seconds:.0f} s{sessions} ({by_prompt}).{origin}",
        *call_lines(summary),
        *filter(None, [dropped_labels_line(results.asked)]),
        # Of judges that also answer the head speaks.
        *(f"Note: {notice}" for notice in summary.notices if notice != results.limits.self_judging),
        *(f"Warning, {count(number, 'question')}: {warning}" for warning, number in summary.warnings.items()),
        f"Seed {summary.seed}. Framework: {summary.framework}. Judge: {summary.judge}.",
        *(f"{name.capitalize()}: {path}" for name, path in summary.files.items()),
    ]
    return plain("\n".join(lines))
