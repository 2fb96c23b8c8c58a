"""What a comparison says in words: only what survives the tests."""

from __future__ import annotations

from collections.abc import Sequence

from ...domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from ...domain.texts.counting import count, verb
from ...domain.texts.safe_text import one_line
from ...evaluation.models.contrasts import LEVEL
from .comparison_types import DivergenceChange, FolderComparison, RateChange


def sentences(compared: FolderComparison) -> tuple[str, ...]:
    """At most four: who drifted, who differs from the baseline's models, whether they moved apart, what stays open."""
    drifts = [each for each in compared.changes if each.is_drift]
    between = [each for each in compared.changes if not each.is_drift]
    topics = max((each.topics for each in compared.changes), default=0)
    if topics < FEWEST_TOPICS_FOR_A_VERDICT:
        return (
            f"No change can be settled: the shared questions that two models answered come from "
            f"{count(topics, 'topic')}, and {FEWEST_TOPICS_FOR_A_VERDICT} are the least.",
        )
    found = [
        _drifted(compared, drifts),
        _apart(compared, between),
        *map(_divergence, compared.divergences),
        _open(compared),
    ]
    return tuple(each for each in found if each)


def _drifted(compared: FolderComparison, drifts: Sequence[RateChange]) -> str:
    if not drifts:
        return "No model was asked both times: there is no drift to speak of."
    models = len({each.model for each in drifts})
    who = "the one model" if models == 1 else f"the {models} models"
    surviving = compared.surviving(drift=True)
    if not surviving:
        return f"No drift of {who} that {verb(models, 'was', 'were')} asked both times survives the tests."
    first = surviving[0]
    moved = len({each.model for each in surviving})
    return (
        f"Of {who} asked both times {moved} drifted at a false discovery rate of {100 * LEVEL:.0f} %, on "
        f"{count(len(surviving), 'value')} altogether, most of all {_name(compared, first)} of "
        f"{one_line(first.model)}: {_points(first)} in {one_line(first.folder)}."
    )


def _apart(compared: FolderComparison, between: Sequence[RateChange]) -> str:
    if not between:
        return ""
    surviving = compared.surviving(drift=False)
    if not surviving:
        return "No difference between the new models and those of the baseline survives the tests."
    first = surviving[0]
    return (
        f"Between new models and the baseline's, {count(len(surviving), 'difference')} of {len(between)} survive, "
        f"most of all {_name(compared, first)}: {one_line(first.model)} ({one_line(first.folder)}) against "
        f"{one_line(first.baseline_model)}, {_points(first)}."
    )


def _divergence(found: DivergenceChange) -> str:
    change = found.change
    if change is None or change.interval is None or change.interval[0] <= 0 <= change.interval[1]:
        return ""
    way = "farther apart" if change.mean > 0 else "closer together"
    return (
        f"The {len(found.models)} models lie {way} in {one_line(found.folder)}: mean divergence {change.mean:+z.3f} "
        f"[{change.interval[0]:z.3f}, {change.interval[1]:z.3f}] bits on {count(change.questions, 'question')}."
    )


def _open(compared: FolderComparison) -> str:
    unsettled = [each for each in compared.changes if each.verdict == "cannot be settled"]
    if not unsettled:
        return ""
    needed = sorted(each.more_questions for each in unsettled if each.more_questions is not None)
    more = (
        f"; half of them would need at least {count(needed[len(needed) // 2], 'more shared question')}, in new topics, "
        f"to find a change of {100 * compared.margin:.0f} points"
        if needed
        else ""
    )
    return f"{len(unsettled)} of {count(len(compared.changes), 'change')} cannot be settled{more}."


def _name(compared: FolderComparison, change: RateChange) -> str:
    return one_line(compared.values.get(change.value, change.value))


def _points(change: RateChange) -> str:
    assert change.change is not None
    low, high = change.change.interval or (float("nan"), float("nan"))
    return f"{100 * change.change.estimate:+z.0f} points [{100 * low:z.0f}, {100 * high:z.0f}]"
