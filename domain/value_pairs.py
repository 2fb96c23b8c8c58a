"""Seed topics from a framework's own values: what should come first when two of them conflict.

A theory that somebody has just written down has no topics yet, and those of another may miss what it is about.
"""

from __future__ import annotations

import math

from .framework import Framework, SeedTopic

PAIRS = "pairs"
"""What names these topics in the place of a list."""

SITUATIONS = (
    ("work", "at work"),
    ("family", "within a family"),
    ("school", "at school"),
    ("health", "in a hospital"),
    ("law", "in court"),
    ("politics", "in a vote of parliament"),
    ("business", "in a business deal"),
    ("friends", "among friends"),
    ("media", "in what is published"),
)
"""Areas, and how each ends the first part of a question."""

WANTED_TOPICS = 40
"""Topics from which values are compared with some certainty; few values have few pairs, each in more situations."""

MOST_PAIRS = 400
"""Every pair of up to 28 values; of more values each stands in as many pairs as the others, give or take two."""


def pair_topics(framework: Framework) -> tuple[SeedTopic, ...]:
    """Yes/no questions on every pair of values, each in one situation or more; the same for the same values.

    Pairs that lie far apart on the circle (or in the file) come first. Each value is asked for in half of the
    questions that name it, give or take one (two where pairs are left out), so that whoever says yes to all favours
    none; and half of the questions ask for the value that they name first.
    """
    names = {value.id: value.name for value in framework.values}
    order = framework.circle or framework.value_ids
    pairs = _pairs(len(order))[:MOST_PAIRS]
    each = min(len(SITUATIONS), max(1, math.ceil(WANTED_TOPICS / len(pairs))))
    topics = []
    for number, (one, other) in enumerate(pairs):
        for turn in range(each):
            area, where = SITUATIONS[(number * each + turn) % len(SITUATIONS)]
            pair = names[order[one]], names[order[other]]
            # Each value begins as many pairs as it ends, give or take one: by turns the first and the second is asked
            # for. Whether that one is also named first is another matter, balanced over all questions.
            wanted, unwanted = pair[turn % 2], pair[1 - turn % 2]
            first, second = (wanted, unwanted) if (number + turn) % 2 == 0 else (unwanted, wanted)
            text = f"When {first} and {second} conflict {where}, should {wanted} come first?"
            topics.append(SeedTopic(id=f"pair-{number + 1:03d}-{area}", area=area, text=text))
    return tuple(topics)


def _pairs(count: int) -> list[tuple[int, int]]:
    """All pairs of places on a circle of ``count``, the farthest apart first."""
    pairs = []
    for step in range(count // 2, 0, -1):
        # Half way round, each pair would stand there twice.
        starts = range(count // 2 if 2 * step == count else count)
        pairs += [(start, (start + step) % count) for start in starts]
    return pairs
