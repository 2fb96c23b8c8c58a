"""What a comparison says in words: only what is significant."""

from __future__ import annotations

from collections.abc import Sequence

from ...domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from ...domain.texts.counting import count, verb
from ...domain.texts.safe_text import one_line
from ..judges.judge_limits import NOT_MEASURED, REMEDY
from ..models.difference_phrases import RATE, literal, rate_difference
from .comparison_types import DivergenceChange, FolderComparison, RateChange


def sentences(compared: FolderComparison) -> tuple[str, ...]:
    """At most four: who drifted, who differs from the baseline's models, whether they moved apart, what stays open."""
    if not compared.values:
        return (
            f"No change in any value can be told: each is one that a judge here is {NOT_MEASURED}. {REMEDY}",
            *filter(None, map(_divergence, compared.divergences)),
        )
    drifts = [each for each in compared.changes if each.is_drift]
    between = [each for each in compared.changes if not each.is_drift]
    topics = max((each.topics for each in compared.changes), default=0)
    if topics < FEWEST_TOPICS_FOR_A_VERDICT:
        return (
            f"No change can be settled: the shared questions that two models answered come from "
            f"{count(topics, 'topic')}, and at least {FEWEST_TOPICS_FOR_A_VERDICT} are needed.",
        )
    parts = [
        _drifted(compared, drifts),
        _apart(compared, between),
        *map(_divergence, compared.divergences),
        _open(compared),
    ]
    return tuple(each for each in parts if each)


def _drifted(compared: FolderComparison, drifts: Sequence[RateChange]) -> str:
    if not drifts:
        return "No model was asked both times: no drift can be measured."
    models = len({each.model for each in drifts})
    who = "the one model" if models == 1 else f"the {models} models"
    surviving = compared.surviving(drift=True)
    if not surviving and _too_few_topics(drifts):
        return f"No drift of {who} asked both times can be settled: {_too_few_topics(drifts)}."
    if not surviving:
        return f"No significant drift of {who} asked both times ({RATE})."
    first = surviving[0]
    moved = len({each.model for each in surviving})
    only = "It is the only" if len(surviving) == 1 else f"It is the largest of {len(surviving)}"
    changes = verb(len(surviving), "change", "changes")
    drifted = who if moved == models else f"{moved} of {who}"
    now = f"{one_line(first.model)} in {one_line(first.folder)}"
    before = "at first"
    return (
        f"{_phrase(compared, first, now, before)}. {only} significant {changes} of {drifted} asked both times ({RATE})."
    )


def _apart(compared: FolderComparison, between: Sequence[RateChange]) -> str:
    if not between:
        return ""
    surviving = compared.surviving(drift=False)
    if not surviving and _too_few_topics(between):
        return (
            "No difference between the new models and those of the baseline can be settled: "
            f"{_too_few_topics(between)}."
        )
    if not surviving:
        return "No significant difference between the new models and those of the baseline."
    first = surviving[0]
    new = f"{one_line(first.model)} (new, in {one_line(first.folder)})"
    return (
        f"{_phrase(compared, first, new, one_line(first.baseline_model))}. It is the largest of "
        f"{count(len(surviving), 'significant difference')} between new models and the baseline's, of {len(between)}."
    )


def _too_few_topics(changes: Sequence[RateChange]) -> str:
    """Why none of ``changes`` can have a verdict; empty where one can."""
    most = max(each.topics for each in changes)
    if most >= FEWEST_TOPICS_FOR_A_VERDICT:
        return ""
    return (
        f"the shared questions that were answered come from {count(most, 'topic')}, and at least "
        f"{FEWEST_TOPICS_FOR_A_VERDICT} are needed"
    )


def _divergence(divergence: DivergenceChange) -> str:
    change = divergence.change
    if change is None or change.interval is None or change.interval[0] <= 0 <= change.interval[1]:
        return ""
    way = "farther apart" if change.mean > 0 else "closer together"
    return (
        f"The {len(divergence.models)} models are {way} in {one_line(divergence.folder)}: their mean divergence "
        f"changed by {change.mean:+z.3f} bits (95 % interval {change.interval[0]:z.3f} to {change.interval[1]:z.3f}) "
        f"on {count(change.questions, 'question')}."
    )


def _open(compared: FolderComparison) -> str:
    unsettled = [each for each in compared.changes if each.verdict == "cannot be settled"]
    if not unsettled:
        return ""
    needed = sorted(each.more_questions for each in unsettled if each.more_questions is not None)
    more = (
        f"; half of them would need at least {count(needed[len(needed) // 2], 'more shared question')}, on new topics, "
        f"to show a change of {100 * compared.margin:.0f} points"
        if needed
        else ""
    )
    inconclusive = verb(len(unsettled), "is", "are")
    return f"{len(unsettled)} of {count(len(compared.changes), 'comparison')} {inconclusive} inconclusive{more}."


def _phrase(compared: FolderComparison, change: RateChange, now: str, before: str) -> str:
    assert change.change is not None
    value = literal(one_line(compared.values.get(change.value, change.value)))
    return rate_difference(
        now, f"appeals to {value} in {{}} of its answers", change.after, before, change.before, change.change
    )
