"""The result in the terminal: tables that align at 80 columns and read without colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from ...domain.evidence import FEWEST_TOPICS_FOR_AN_INTERVAL
from ...domain.texts.counting import count, verb
from ...results.grown_and_seeds import Comparison, Estimate
from ...results.run_summary import Profile, Summary
from ..plain_text import plain
from ..simulated_banner import SIMULATED_RESPONDENTS
from .judge_tables import agreement, corrected
from .spending_table import spent_table


def result(summary: Summary, width: int) -> RenderableType:
    """Everything that a run has to say, as one printable."""
    parts: list[RenderableType] = []
    if summary.simulated:
        parts.append(plain(f"{SIMULATED_RESPONDENTS} (simulator version {summary.simulator_version})", style="bold"))
    if summary.status != "finished":
        parts.append(plain(f"This run is {summary.status}: what follows is what it has so far.", style="bold"))
    parts += [_search(summary), plain("")]
    if summary.comparisons:
        parts.append(_comparisons(summary.comparisons))
    else:
        parts.append(plain("Grown against seed questions: not measured in this run."))
    if summary.profiles:
        parts += [plain(""), *_profiles(summary, width)]
    if summary.correction is not None:
        parts += [plain(""), corrected(summary.correction, summary.profiles, summary.values, width)]
    if summary.agreement is not None:
        parts += [plain(""), agreement(summary.agreement, summary.values)]
    if summary.best:
        parts += [plain(""), _best(summary)]
    if summary.forecast is not None:
        parts += [plain(""), spent_table(summary.forecast, summary.spent)]
    parts += [plain(""), _bookkeeping(summary)]
    return Group(*parts)


def with_interval(estimate: Estimate | None) -> str:
    """ "+0.123 [0.100, 0.145]"; without an interval it says so."""
    if estimate is None:
        return "–"
    if estimate.interval is None:
        why = "too few topics" if estimate.topics < FEWEST_TOPICS_FOR_AN_INTERVAL else "no interval"
        return f"{estimate.mean:+z.3f} [{why}]"
    return bits(estimate.mean, estimate.interval)


def _search(summary: Summary) -> RenderableType:
    lines = [
        f"{count(summary.questions_confirmed, 'question')} confirmed on fresh answers, from "
        f"{count(summary.topics_confirmed, 'topic')}; {summary.separating} "
        f"{verb(summary.separating, 'separates', 'separate')} the panel at a false discovery rate of 5 % "
        "(q ≤ 0.05)."
    ]
    if summary.confirmed is not None:
        lines.append(
            f"Mean divergence of {summary.confirmed.questions} of them: {with_interval(summary.confirmed)} bits."
        )
    if summary.shrinkage is not None:
        lines.append(f"Search score minus confirmed score, the luck of the search: {with_interval(summary.shrinkage)}.")
    if summary.questions_published:
        lines.append(
            f"The benchmark is the best {summary.questions_published} of them, from "
            f"{count(summary.topics_published, 'topic')} ({summary.separating_published} with q ≤ 0.05). "
            "Choosing the best selects once more, so their own confirmed scores are a little high"
            + ("; the table below asks them afresh." if any(each.grown for each in summary.comparisons) else ".")
        )
    if summary.questions_linked:
        lines.append(
            f"{summary.questions_linked} of the confirmed {verb(summary.questions_linked, 'gets', 'get')} "
            "all but the same answers as a better one: not counted."
        )
    lines.append(
        f"{count(summary.rounds, 'round')}; {count(summary.duplicates_refused, 'duplicate')} refused; stopped because: "
        f"{summary.stop_reason or '–'}."
    )
    return plain("\n".join(lines))


def _comparisons(comparisons: Sequence[Comparison]) -> RenderableType:
    table = Table(
        title="Divergence in bits on fresh answers, as observed through the judge; 95 % intervals",
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
        left_out = ""
        if each.left_out:
            left_out = f" ({count(each.left_out, 'question')} left out: other models, or too few answers)"
        rows.append(plain(f"{who}: {each.verdict}{left_out}.", style="bold"))
    return Group(*rows)


def _in_rows(estimate: Estimate | None) -> str:
    questions = 0 if estimate is None else estimate.questions
    return f"{with_interval(estimate).replace(' [', chr(10) + '[')}\n{count(questions, 'question')}"


def _profiles(summary: Summary, width: int) -> list[RenderableType]:
    """Values down, members across; as many members a table as fit."""
    name_width = max(len(name) for name in summary.values.values())
    per_table = max(1, (width - name_width - 4) // 10)
    widest = max(
        (
            (rate.interval[1] - rate.interval[0]) / 2
            for profile in summary.profiles
            for rate in profile.rates.values()
            if rate.interval is not None
        ),
        default=None,
    )
    title = "Expression rates on the grown questions, % of judged answers, questions weighing alike"
    if widest is not None:
        title += f" (95 % intervals: at most ± {100 * widest:.0f})"
    parts: list[RenderableType] = [plain(title, style="italic")]
    heads = headings([profile.member for profile in summary.profiles])
    for start in range(0, len(summary.profiles), per_table):
        parts.append(_profile_table(summary, summary.profiles[start : start + per_table], heads))
    if any(head != member for member, head in heads.items()):
        parts.append(plain("; ".join(f"{head} {member}" for member, head in heads.items())))
    if any(profile.group == "examinee" for profile in summary.profiles):
        parts.append(plain("* held out: the search never asked it"))
    return parts


def headings(members: Sequence[str]) -> dict[str, str]:
    """A heading of at most seven characters for each member: its name, or a number where one name is too long."""
    if all(len(member) <= 7 for member in members):
        return {member: member for member in members}
    return {member: f"#{number}" for number, member in enumerate(members, start=1)}


def _profile_table(summary: Summary, profiles: Sequence[Profile], heads: Mapping[str, str]) -> RenderableType:
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("value")
    for profile in profiles:
        held_out = "*" if profile.group == "examinee" else ""
        table.add_column(plain(heads[profile.member] + held_out), justify="right", min_width=8, max_width=8)
    for value_id, name in summary.values.items():
        cells = [profile.rates.get(value_id) for profile in profiles]
        table.add_row(plain(name), *("–" if cell is None else f"{100 * cell.rate:.0f}" for cell in cells))
    table.add_section()
    table.add_row(plain("answers"), *(str(profile.answers) for profile in profiles))
    table.add_row(plain("missing"), *(str(profile.missing) for profile in profiles))
    return table


def _best(summary: Summary) -> RenderableType:
    lines: list[RenderableType] = [
        plain("The best questions by rank (scores of the confirmation answers):", style="italic")
    ]
    for line in summary.best:
        score = line["score"]
        if score is None:
            continue
        figures = f"{bits(score['divergence'], score['interval'])} bits"
        tests = f"p {p_value(score['p_value'])}, q {p_value(score['q_value'])}"
        if score["stance_agreement"] is not None:
            tests += f", stances agree {100 * score['stance_agreement']:z.0f} %"
        lines.append(plain(f"{line['rank']}. {figures}, {tests}   ({line['id']})"))
        lines.append(Padding(plain(line["question"]), (0, 0, 0, 3)))
    return Group(*lines)


def bits(divergence: float, interval: Sequence[float] | None) -> str:
    """ "+0.123 [0.100, 0.145]"; a critic need not give an interval, and one that leaves out its estimate was cut."""
    if interval is None:
        return f"{divergence:+z.3f}"
    low, high = interval
    cut = "cut: " if not low <= divergence <= high else ""
    return f"{divergence:+z.3f} [{cut}{low:z.3f}, {high:z.3f}]"


def p_value(value: float | None) -> str:
    """Three digits, or that it is smaller still."""
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:z.3f}"


def unknown_line(summary: Summary) -> str:
    """What was in flight when the run was stopped or killed; of a run that is at work, what is in flight."""
    known = summary.unknown_cost is not None and summary.cost is not None
    money = f" and {summary.unknown_cost:.4f} {summary.currency}" if known else ""
    return (
        f"Spent, unknown: {count(summary.unknown_requests, 'request')} in flight when a session ended, at most "
        f"{summary.unknown_tokens} tokens{money}, not in the figures above and counted against the budget."
    )


def _bookkeeping(summary: Summary) -> RenderableType:
    spent = ", ".join(f"{name} {number}" for name, number in summary.calls.items())
    failed = ", ".join(f"{name} {number}" for name, number in summary.faults.items())
    missing = ", ".join(f"{name} {number}" for name, number in summary.missing.items()) or "none"
    sessions = f" in {summary.sessions} sessions" if summary.sessions > 1 else ""
    replay = f" It is a replay of {summary.replay_of}: nobody was asked." if summary.replay_of else ""
    if summary.fork is not None:
        where = f" from step {summary.fork.at} on" if summary.fork.at else ""
        replay = f" It is a fork of {summary.fork.run_id}{where}, which had recorded {summary.fork.recalled} of them."
    lines = [
        f"Calls: {sum(summary.calls.values())} in {summary.seconds:.0f} s{sessions} ({spent}).{replay}",
        *([f"Cost: {summary.cost:.4f} {summary.currency}."] if summary.cost is not None else []),
        *(
            [f"Tokens that no provider counted, at most: {summary.uncounted_tokens}."]
            if summary.uncounted_tokens
            else []
        ),
        *([unknown_line(summary)] if summary.unknown_requests else []),
        *([f"Requests that failed, most of them sent again: {failed}."] if failed else []),
        f"Calls that brought no answer, left out of every figure: {missing}.",
        *(f"Note: {notice}" for notice in summary.notices),
        *(f"Warning, {count(number, 'question')}: {warning}" for warning, number in summary.warnings.items()),
        f"Seed {summary.seed}. Framework: {summary.framework}. Judge: {summary.judge}.",
        *(f"{name.capitalize()}: {path}" for name, path in summary.files.items()),
    ]
    return plain("\n".join(lines))
