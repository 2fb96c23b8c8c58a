"""The search's own rules as pure functions: which questions are confirmed when, and how they rank.

The graph applies them to a run's records; the calibration's fast lane applies the very same to drawn numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import TypeVar

Q = TypeVar("Q", bound=Hashable)

ENOUGH_TO_SATURATE = 8
"""Questions of a topic before it may count as saturated: few questions say little of the next one."""

TWO_ERRORS = 2.0


def saturation(divergences: Sequence[float], below: float) -> tuple[float, float] | None:
    """Mean divergence and its standard error, in bits, of a topic whose questions surely lie ``below`` on average.

    None where they do not, or are too few to tell. METHOD.md section 3, step 6.
    """
    if len(divergences) < ENOUGH_TO_SATURATE:
        return None
    mean = fmean(divergences)
    error = stdev(divergences) / sqrt(len(divergences))
    return (mean, error) if mean + TWO_ERRORS * error < below else None


def batches_due(spent: int, search: int, early: int) -> int:
    """How many of ``early`` batches should be confirmed when the search has spent ``spent`` of its ``search`` calls.

    They come at even distances; the last one, at the end, is not among them.
    """
    return min(early, (early + 1) * spent // max(1, search))


def confirmation_quota(candidates: int, batch: int, early: int, *, final: bool) -> int:
    """How many questions should be confirmed after this batch (from 1), of all that the budget allows for.

    ``early`` batches together take at most half of them.
    """
    return candidates if final else candidates * batch // (2 * (early + 1))


def within_cap(questions: Sequence[Q], topic_of: Callable[[Q], Hashable], cap: int) -> list[Q]:
    """The questions in order, at most ``cap`` of each topic."""
    taken: Counter[Hashable] = Counter()
    eligible = []
    for question in questions:
        topic = topic_of(question)
        if taken[topic] < cap:
            taken[topic] += 1
            eligible.append(question)
    return eligible


def next_to_confirm(
    best: Sequence[Q],
    confirmed: Collection[Q],
    topic_of: Callable[[Q], Hashable],
    lineage_of: Callable[[Q], Hashable],
    *,
    cap: int,
    quota: int,
    affordable: int,
) -> list[Q]:
    """The best questions that are not confirmed yet, as many as the quota and the budget leave room for.

    ``best`` are all scored questions, best first. Those confirmed before take their topic's places first. Of a question
    and its rewrites, one lineage, one is confirmed: the best when its batch is.
    """
    done = [question for question in best if question in confirmed]
    others = [question for question in best if question not in confirmed]
    order = within_cap(within_cap([*done, *others], lineage_of, 1), topic_of, cap)
    room = min(max(0, quota - len(confirmed)), max(0, affordable))
    return [question for question in order if question not in confirmed][:room]


def ranking(
    pooled: Mapping[str, float], shrunken: Mapping[str, float] | None = None, *, compared: Collection[str] | None = None
) -> list[str]:
    """Question ids, best first: by ``shrunken`` scores, or where there are none by the score of all samples pooled.

    Only ``compared`` ones, all by default, are ranked with each other, the rest after them. Equal scores stand in the
    order of their ids.
    """
    first = set(pooled) if compared is None else compared
    known = shrunken or {}
    key = known if all(each in known for each in first) else pooled

    def place(question_id: str) -> tuple[bool, float, str]:
        ranked = question_id in first
        return not ranked, -(key if ranked else pooled)[question_id], question_id

    return sorted(pooled, key=place)
