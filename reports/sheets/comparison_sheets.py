"""The tables of a comparison as plain cells; see ``result_sheets``."""

from __future__ import annotations

from ...domain.texts.counting import count
from ...evaluation.models.contrasts import LEVEL
from ...results.comparison.comparison_types import FolderComparison, RateChange
from .figure_text import NOTHING, generalise, largest_of, p_value, points, with_interval
from .sheet import Sheet

MOST_CHANGES = 20
"""Changes shown in a table; ``--json`` has all."""


def compare_sheets(compared: FolderComparison) -> list[Sheet]:
    """What was compared, the changes that survive, and how each model did on each value."""
    sheets = [_folders(compared)]
    sheets += [sheet for sheet in (_surviving(compared, drift=True), _surviving(compared, drift=False)) if sheet]
    sheets += [_drifts(compared)] if any(each.is_drift for each in compared.changes) else []
    sheets += [_divergences(compared)] if any(each.change for each in compared.divergences) else []
    return sheets


def _folders(compared: FolderComparison) -> Sheet:
    rows = [
        (
            each.name,
            each.kind,
            each.created_at[:10],
            str(len(each.models)),
            str(each.samples),
            f"{each.anchors} of {each.questions}",
        )
        for each in compared.folders
    ]
    return Sheet(
        "What is compared; the first is the baseline",
        ("folder", "kind", "made on", "models", "answers", "shared questions"),
        tuple(rows),
        "answers: the most of one model to one question; shared: asked in the same words, with the same fact, in the "
        "baseline too. The others enter nothing",
        words=3,
    )


def _surviving(compared: FolderComparison, *, drift: bool) -> Sheet | None:
    significant = compared.surviving(drift=drift)
    if not significant:
        return None
    rest = largest_of(MOST_CHANGES, len(significant))
    title = "Significant drifts" if drift else "New models against the baseline's: significant differences"
    several = len(compared.folders) > 2
    who = ("model" if drift else "new − baseline's", "on", *(["in"] if several else []))
    return Sheet(
        f"{title}, in percentage points",
        (*who, "then" if drift else "baseline's", "now" if drift else "new", "change", "q"),
        tuple(_row(compared, each, several=several) for each in significant[:MOST_CHANGES]),
        f"{rest}95 % intervals, adjusted for selection; q ≤ {LEVEL} over all {count(compared.tested, 'test')}",
        words=len(who),
        intervals=generalise(compared.intervals.averages),
    )


def _row(compared: FolderComparison, change: RateChange, *, several: bool) -> tuple[str, ...]:
    return (
        change.model if change.is_drift else f"{change.model} − {change.baseline_model}",
        compared.values.get(change.value, change.value),
        *([change.folder] if several else []),
        _rate(change.before),
        _rate(change.after),
        points(change.change),
        p_value(change.q_value),
    )


def _drifts(compared: FolderComparison) -> Sheet:
    models = list(dict.fromkeys((each.folder, each.model) for each in compared.changes if each.is_drift))
    several = len(compared.folders) > 2
    rows = []
    for value, name in compared.values.items():
        drifts = {(each.folder, each.model): each for each in compared.changes if each.value == value and each.is_drift}
        rows.append((name, *(_cell(drifts[each]) for each in models)))
    return Sheet(
        "Every model's drift, in percentage points",
        ("value", *(f"{model} in {folder}" if several else model for folder, model in models)),
        tuple(rows),
        f"* significant; ~ shows no change larger than {100 * compared.margin:.0f} points; the rest is inconclusive",
        intervals=generalise(compared.intervals.averages),
    )


def _cell(change: RateChange) -> str:
    mark = {"different": "*", "cannot be settled": " "}.get(change.verdict, "~")
    return points(change.change) + mark


def _divergences(compared: FolderComparison) -> Sheet:
    rows = [
        (
            each.folder,
            str(each.change.questions),
            with_interval(each.before),
            with_interval(each.after),
            with_interval(each.change),
        )
        for each in compared.divergences
        if each.change is not None
    ]
    return Sheet(
        "Mean divergence of the models that both asked, in bits",
        ("folder", "on", "then", "now", "change"),
        tuple(rows),
        "on: shared questions to which each of them gave two answers both times; 95 % intervals",
        intervals=generalise(compared.intervals.averages),
    )


def _rate(rate: float | None) -> str:
    return NOTHING if rate is None else f"{100 * rate:z.0f}"
