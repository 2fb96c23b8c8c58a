"""The result of an import in the terminal: tables that align at 80 columns and read without colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from ..domain.counting import count, verb
from ..records.recorded_answers import RecordedSource
from .banners import SIMULATED_LABELS
from .imported import ImportedSummary, RecordedProfile, Reliability
from .plain import plain
from .summary import Rate
from .terminal import bits, p_value, with_interval

STATISTIC_NAMES = {
    "quadratic": "G per question, unbiased",
    "profiles": "profiles, double-centred",
    "plug_in": "plug-in D per question *",
    "raw_profiles": "raw profiles *",
}


def imported_result(summary: ImportedSummary, width: int) -> RenderableType:
    """Everything that an import has to say, as one printable."""
    parts: list[RenderableType] = []
    if summary.simulated_judge:
        parts.append(plain(f"{SIMULATED_LABELS} (simulator version {summary.simulator_version})", style="bold"))
    if summary.status != "finished":
        parts.append(plain(f"This import is {summary.status}: what follows is what it has so far.", style="bold"))
    parts += [_source(summary), plain(""), _divergence(summary), plain(""), *_reliability(summary)]
    parts += [plain(""), *_profiles(summary, width)]
    if summary.best:
        parts += [plain(""), _best(summary)]
    return Group(*parts, plain(""), _bookkeeping(summary))


def _source(summary: ImportedSummary) -> RenderableType:
    source = summary.recorded
    wordings = f" in {len(source.wordings)} wordings" if source.wordings else ""
    missing = ", ".join(f"{reason} {number}" for reason, number in summary.missing.items()) or "none"
    thinking = f" Thinking was taken off {count(source.thinking, 'answer')}." if source.thinking else ""
    return plain(
        f"Recorded answers: {source.rows} of {count(len(source.models), 'model')} to "
        f"{count(source.questions, 'question')}{wordings}, from {source.file}; nobody was asked.\n"
        f"As read: {_outcomes(source.outcomes)}.{thinking} {_refusals(source)}\n"
        f"{summary.judged} {verb(summary.judged, 'was', 'were')} labelled by the judge {summary.judge}, each as a "
        f"whole. Left out of every figure: {missing}."
    )


def _outcomes(outcomes: Mapping[str, int]) -> str:
    """Answered, refused, empty and thinking only are counted even where there is none."""
    always = dict.fromkeys(("answered", "refused", "unparsable (empty)", "unparsable (thinking only)"), 0)
    return ", ".join(f"{reason} {number}" for reason, number in {**always, **outcomes}.items())


def _refusals(source: RecordedSource) -> str:
    if "refused" not in source.columns:
        return "Refusals are known by their words."
    silent = f"; it is silent on {source.unsaid}, whose words decide" if source.unsaid else ""
    return f"Refusals are those of the column {source.columns['refused']}{silent}."


def _divergence(summary: ImportedSummary) -> RenderableType:
    if summary.no_divergence:
        return plain(f"{summary.no_divergence[0].upper()}{summary.no_divergence[1:]}.", style="bold")
    assert summary.divergence is not None
    lines = [
        f"Mean divergence {with_interval(summary.divergence)} bits over "
        f"{count(summary.divergence.questions, 'question')}, as observed through this judge (95 % interval).",
        f"{summary.separating} of {count(summary.tested, 'question')} "
        f"{verb(summary.separating, 'separates', 'separate')} the models at a false discovery rate of 5 % "
        "(q ≤ 0.05).",
    ]
    if summary.recorded.wordings:
        lines.append("Samples are answers to different wordings: the tests re-deal them within one wording only.")
    lines += [
        f"{count(number, 'question')}: {reason}." for reason, number in {**summary.unscored, **summary.warnings}.items()
    ]
    return plain("\n".join(lines))


def _reliability(summary: ImportedSummary) -> list[RenderableType]:
    verdict = plain(f"Reliability: {summary.reliability_verdict}.", style="bold")
    found = summary.reliability
    if found is None:
        return [verdict]
    what = "wordings" if summary.recorded.wordings else "samples"
    title = (
        f"Split-half correlations over {count(found.questions, 'question')}, {found.halved} {what} in halves; "
        f"{found.shuffles} shuffles of the models"
    )
    return [
        _correlations(found, title),
        plain("* not corrected for base rates: high whether or not models differ; shown for comparison"),
        verdict,
    ]


def _correlations(found: Reliability, title: str) -> RenderableType:
    table = Table(title=plain(title, style="italic"), title_justify="left", box=SIMPLE, pad_edge=False)
    table.add_column("statistic")
    for name in ("observed", "shuffled", "95th percentile"):
        table.add_column(name, justify="right")
    for name, each in found.correlations.items():
        figures = (each.observed, each.shuffled_mean, each.shuffled_high)
        table.add_row(STATISTIC_NAMES[name], *("–" if figure is None else f"{figure:+z.2f}" for figure in figures))
    return table


def _profiles(summary: ImportedSummary, width: int) -> list[RenderableType]:
    """Values down, models across under numbers; then the models by their names."""
    name_width = max(len(name) for name in summary.values.values())
    per_table = max(1, (width - name_width - 2) // 8)
    parts: list[RenderableType] = [
        plain("Expression rates, % of judged answers ± half the 95 % interval", style="italic")
    ]
    numbered = list(enumerate(summary.profiles, start=1))
    for start in range(0, len(numbered), per_table):
        parts.append(_profile_table(summary, numbered[start : start + per_table]))
    for number, profile in numbered:
        words = "" if profile.words is None else f", {profile.words:.0f} words each"
        parts.append(
            plain(
                f"{number} {profile.model}: {count(profile.answers, 'answer')}, {profile.missing} missing{words}",
                cut=True,
            )
        )
    parts.append(plain("An answer that says more expresses more values, whatever its model holds: mind the words."))
    return parts


def _profile_table(summary: ImportedSummary, profiles: Sequence[tuple[int, RecordedProfile]]) -> RenderableType:
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("value")
    for number, _ in profiles:
        table.add_column(str(number), justify="right")
    for value_id, name in summary.values.items():
        table.add_row(plain(name), *(_cell(profile.rates.get(value_id)) for _, profile in profiles))
    return table


def _cell(rate: Rate | None) -> str:
    if rate is None:
        return "–"
    if rate.interval is None:
        return f"{100 * rate.rate:.0f}"
    return f"{100 * rate.rate:.0f} ±{50 * (rate.interval[1] - rate.interval[0]):.0f}"


def _best(summary: ImportedSummary) -> RenderableType:
    lines: list[RenderableType] = [plain("The most separating questions:", style="italic")]
    for rank, line in enumerate(summary.best, start=1):
        figures = f"{bits(line['divergence'], line['interval'])} bits"
        tests = f"p {p_value(line['p_value'])}, q {p_value(line['q_value'])}"
        disputed = ", disputed" if line["disputed"] else ""
        lines.append(plain(f"{rank}. {figures}, {tests}{disputed}   ({line['id']})"))
        lines.append(Padding(plain(line["question"]), (0, 0, 0, 3)))
    return Group(*lines)


def _bookkeeping(summary: ImportedSummary) -> RenderableType:
    lines = [
        f"Model calls: {summary.calls}, in {summary.seconds:.0f} s.",
        f"sha256 of the answers: {summary.recorded.sha256}.",
        *(f"Note: {notice}." for notice in summary.notices),
        f"Seed {summary.seed}. Framework: {summary.framework}.",
        *(f"{name.capitalize()}: {path}" for name, path in summary.files.items()),
    ]
    return plain("\n".join(lines))
