"""The tables of a retest as plain cells; see ``result_sheets``."""

from __future__ import annotations

from ...domain.judge_accuracy import Figure
from ...results.comparison.retest_types import Retest, SignCounts
from .figure_text import NOTHING, generalise
from .sheet import Sheet


def retest_sheets(retest: Retest) -> list[Sheet]:
    """What is set side by side, then the agreement as a whole and on each value."""
    return [_folders(retest), _agreement(retest)]


def _folders(retest: Retest) -> Sheet:
    rows = [
        (
            each.name,
            each.kind,
            each.created_at[:10],
            f"{len(retest.models)} of {len(each.models)}",
            str(each.samples),
            str(each.questions),
            str(topics),
        )
        for each, topics in zip(retest.folders, retest.topics, strict=True)
    ]
    return Sheet(
        "Two regenerations of one benchmark",
        ("folder", "kind", "made on", "models", "answers", "questions", "topics"),
        tuple(rows),
        "models: those with answers in both; answers: the most of one model to one question. The questions need not be "
        "the same",
        words=3,
    )


def _agreement(retest: Retest) -> Sheet:
    rows = [("all values", _correlation(retest.agreement), *_counts(retest.signs))]
    rows += [
        (retest.values[each.value], _correlation(each.agreement), *_counts(each.signs)) for each in retest.by_value
    ]
    return Sheet(
        "Do both rank the models alike?",
        ("value", "rank agreement", "significant", "same sign", "reversed"),
        tuple(rows),
        "rank agreement: Spearman, of all values with each value's mean over models removed; without an interval where "
        "no draw of topics changes it. Both folders have noise, so that it is less than the agreement of either with "
        f"the truth. significant: differences of two models, in one folder or both{_share(retest.same_sign)}",
        intervals=generalise(retest.intervals.averages),
    )


def _correlation(figure: Figure | None) -> str:
    if figure is None:
        return NOTHING
    text = f"{figure.estimate:z.2f}"
    return text if figure.interval is None else f"{text} [{figure.interval[0]:z.2f}, {figure.interval[1]:z.2f}]"


def _counts(signs: SignCounts) -> tuple[str, str, str]:
    return str(signs.significant), str(signs.same_sign), str(signs.reversed)


def _share(same_sign: Figure | None) -> str:
    """The share of the same sign in all significant differences; empty without one."""
    if same_sign is None:
        return ""
    text = f"; of all of them {100 * same_sign.estimate:z.0f} % have the same sign in the other"
    if same_sign.interval is None:
        return text
    return f"{text} [{100 * same_sign.interval[0]:z.0f}, {100 * same_sign.interval[1]:z.0f}]"
