"""What a judge was trained on and how often it is right, in the terminal; and the judges' agreement with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table

from ...domain.framework import Framework
from ...domain.judge_accuracy import (
    RATE_ANSWERS,
    Figure,
    JudgeAccuracy,
    LabelAgreement,
    TrainingReport,
    ValueAccuracy,
    smaller_errors,
)
from ...domain.texts.counting import count
from ...results.judges.judge_results import Agreement, QuadraticDivergence
from ..plain_text import plain
from ..sheets.figure_text import NOTHING, generalise

WEIGHTED = (
    "Each row counts for as many answers as it was drawn to stand for. Whether the judge errs alike on all models is "
    "not tested: that takes rows that were equally likely to be drawn."
)

LOCAL_F1 = "F1 of a local judge: at the thresholds that make it best; the other figures at those that runs use."

SIMULATED_JUDGE = "SIMULATED JUDGE: no real model was asked; the figures show the instrument, not any model."


def training(report: TrainingReport, framework: Framework, path: Path) -> RenderableType:
    """A training report, with the file that holds the judge."""
    table = _table("value", "n", "for J", "J", "for F1", "precision", "recall", "F1", "AUC")
    for value in framework.values:
        row = report.values[value.id]
        figures = (
            row.threshold,
            row.youden,
            row.f1_threshold,
            row.precision,
            row.recall,
            row.f1,
            row.auc,
        )
        table.add_row(plain(value.name), str(row.positives), *(f"{figure:.2f}" for figure in figures))
    table.add_section()
    table.add_row(plain("macro"), *("",) * 6, f"{report.macro_f1:.3f}", f"{report.macro_auc:.3f}")
    lines = [
        f"Trained on {report.used:,} of {count(report.read, 'row', form=',')} from "
        f"{count(report.sources, 'source', form=',')}; {_features(report)}.",
        f"Left out: {_counts(report.left_out)}. Labels that the framework lacks: {_counts(report.labels_dropped)}.",
        "The figures are from five folds, no source in two of them. "
        f"Labelling every text with every value would give F1 {report.macro_f1_of_always:.3f}.",
        "n: texts with the value; for J, for F1: the probability from which a text is labelled, with the best J (what "
        "every run uses) or F1.",
        _cannot_measure([value.name for value in framework.values if not report.accuracy[value.id].measurable]),
        f"{100 * report.silent:.1f} % of these texts seem to it to say nothing, and get no value.",
        f"Seed {report.seed}. Framework: {framework.name}. The judge: {path}",
    ]
    names = {value.id: value.name for value in framework.values}
    return Group(table, plain("\n".join(lines)), *_rate_errors(report.accuracy, names))


def _rate_errors(accuracies: Mapping[str, ValueAccuracy], names: Mapping[str, str]) -> list[RenderableType]:
    """By what a rate errs less, labels or probabilities, value by value; nothing for a judge without probabilities."""
    known = {value: each.probabilities for value, each in accuracies.items() if each.probabilities is not None}
    if not known:
        return []
    table = _table("value", "by labels, ±", "by probabilities, ±", "mean with it", "without it")
    for value, each in known.items():
        errors = (NOTHING if error is None else f"{100 * error:.1f}" for error in (each.label_error, each.error))
        table.add_row(plain(names[value]), *errors, f"{each.present:.2f}", f"{each.absent:.2f}")
    best = smaller_errors(accuracies.values())
    lines = (
        f"By labels, by probabilities: the standard error, in points, of a rate of {RATE_ANSWERS} answers like these "
        "after correction for the judge's errors. Mean with it, without it: the judge's mean probability in rows with "
        f"the value and in others. Corrected rates and differences are those by {best}, which err less here."
    )
    return [table, plain(lines)]


def _cannot_measure(lacking: Sequence[str]) -> str:
    if not lacking:
        return "This judge can measure every value (the lower bound of J is at least 0.5)."
    return f"This judge cannot measure: {', '.join(lacking)} (the lower bound of J is under 0.5)."


def checking(accuracy: JudgeAccuracy, framework: Framework, path: Path | None) -> RenderableType:
    """A judge's accuracy, value by value, with what it means for use."""
    names = {value.id: value.name for value in framework.values}
    parts: list[RenderableType] = []
    if accuracy.simulated:
        parts.append(plain(SIMULATED_JUDGE, style="bold"))
    with_auc = accuracy.macro_auc is not None
    table = _table("value", "n", "sens.", "spec.", "J", "F1", *(["AUC"] if with_auc else []))
    for value, row in accuracy.values.items():
        figures = [
            row.sensitivity,
            row.specificity,
            row.youden,
            row.f1,
            *([row.auc] if with_auc else []),
        ]
        table.add_row(plain(names[value]), str(row.positives), *map(_figure, figures))
    table.add_section()
    macro = [accuracy.macro_f1, *([accuracy.macro_auc] if with_auc else [])]
    table.add_row(plain("macro"), "", "", "", "", *map(_figure, macro))
    parts.append(table)
    what = "single texts" if accuracy.key_points == 1 else f"answers of {accuracy.key_points} key points"
    if accuracy.key_points == 0:
        what = "answers of varying length, so no run's rates can be corrected with it"
    lines = [
        f"Judge {f'{accuracy.judge} {accuracy.mode}'.strip()} on {count(accuracy.rows, 'row', form=',')} from "
        f"{count(accuracy.groups, 'source', form=',')}: {what}.",
        f"Left out: {_counts(accuracy.left_out)}.",
        *([WEIGHTED] if accuracy.weighted else []),
        "n: rows with the value; sens., spec.: shares of the rows with and without it that the judge calls right; J is "
        f"their sum - 1; {NOTHING}: no row of that kind.",
        *([LOCAL_F1] if with_auc else []),
        "95 % intervals: cluster-robust Wilson for the shares, from them J; a bootstrap for F1 and AUC. "
        f"{generalise(('labelled sources',))}.",
    ]
    parts.append(plain("\n".join(lines)))
    parts.append(plain(_cannot_measure([names[value] for value in accuracy.unmeasurable]), style="bold"))
    parts += _rate_errors(accuracy.values, names)
    parts += _differences(accuracy, names)
    if path is not None:
        parts.append(plain(f"Written to {path}; use it with -s judge.accuracy={path}"))
    return Group(*parts)


def people_agreement(found: LabelAgreement, framework: Framework) -> RenderableType:
    """Two people's agreement, value by value."""
    table = _table("value", "alpha", "both", "only the first", "only the second")
    for value in framework.values:
        row = found.values[value.id]
        table.add_row(plain(value.name), _figure(row.alpha), str(row.both), str(row.first), str(row.second))
    lines = [
        f"{count(found.rows, 'row', form=',')} that both labelled; {found.only_one:,} that only one did.",
        "Krippendorff's alpha: 1 is perfect agreement, 0 chance; 95 % intervals of a bootstrap over sources. The other "
        f"columns count rows. {NOTHING}: all labels of the value are alike, or no row has it.",
    ]
    return Group(table, plain("\n".join(lines)))


def _features(report: TrainingReport) -> str:
    terms = count(report.features, "term", form=",")
    return f"{terms} and the embedder {report.embedder}" if report.embedder else f"{terms}, no embedder"


def agreement(agreement: Agreement, names: Mapping[str, str]) -> RenderableType:
    """Krippendorff's alpha for each value, in as few lines as fit."""
    alphas = ", ".join(
        f"{names[value]} {'–' if alpha is None else f'{alpha:.2f}'}" for value, alpha in agreement.alpha.items()
    )
    return plain(
        f"Agreement of the {count(len(agreement.jurors), 'judge')} on {count(agreement.answers, 'answer', form=',')} "
        f"(Krippendorff's alpha; 1 is perfect, 0 chance): {alphas}."
    )


def quadratic_line(quadratic: QuadraticDivergence) -> str:
    """Quadratic divergence as observed and corrected."""
    return (
        f"Quadratic divergence G over the values that the judge can measure: {quadratic.observed:.3f} observed, "
        f"{quadratic.corrected:.3f} divided by J². Divergence D stays as observed: attenuated."
    )


def _differences(accuracy: JudgeAccuracy, names: Mapping[str, str]) -> list[RenderableType]:
    if not accuracy.differences:
        return []
    lines = []
    for each in accuracy.differences:
        if each.q_value <= 0.05:
            rates = ", ".join(f"{model} {100 * rate:.0f} %" for model, rate in each.rates.items())
            lines.append(f"{names[each.value]}, {each.error}: {rates} (q {each.q_value:.3f})")
    tests = f"{len(accuracy.differences)} permutation tests, false discovery rate 5 %"
    if not lines:
        sign = f"No sign that the judge errs more on one model than on another ({tests})"
        return [
            plain(f"{sign}, which does not show that it errs alike: with few rows such tests seldom find a difference.")
        ]
    title = plain(
        f"The judge errs more on some models than on others, which fakes differences ({tests}):", style="bold"
    )
    return [title, plain("\n".join(lines))]


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(columns[0], no_wrap=True)
    for name in columns[1:]:
        table.add_column(plain(name), justify="right")
    return table


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return NOTHING
    if figure.interval is None:
        return f"{figure.estimate:.2f}"
    low, high = figure.interval
    return f"{figure.estimate:.2f}\n{low:.2f}–{high:.2f}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in counts.items()) or "none"
