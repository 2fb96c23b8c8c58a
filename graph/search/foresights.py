"""What the surrogate foresees of drafts, from the questions that were scored before the present round."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from ...agents.surrogates.draft_choice import order_of_drafts, questions_to_learn
from ...agents.surrogates.surrogate import Foresight, ScoredTexts
from ...domain.record import Record
from ..run_context import RunContext


class DraftOrder(Record):
    """Drafts in the order in which they are tried.

    places    indices of the drafts, best first
    expected  what each is expected to score above their mean, bits, in the author's order
    weight    how far the surrogate is trusted, in [0, 1]
    """

    places: tuple[int, ...]
    expected: tuple[float, ...]
    weight: float = 0.0


def ordered_drafts(context: RunContext, texts: Sequence[str], topic_id: str) -> DraftOrder:
    """The order of the drafts ``texts`` for one topic; the author's own where nothing is foreseen."""
    foresight = _foresight(context)
    places, expected = order_of_drafts(foresight, texts, topic_id)
    return DraftOrder(places=tuple(places), expected=tuple(map(float, expected)), weight=float(foresight.weight))


def _foresight(context: RunContext) -> Foresight:
    """What the surrogate has learnt; it is fitted again only when enough questions have come."""
    scored = context.frontier.scored
    count = questions_to_learn(len(scored))
    if count not in context.foresights:
        first = list(islice(scored.values(), count))
        context.foresights.clear()
        context.foresights[count] = context.agents.surrogate.fit(
            ScoredTexts(
                tuple(each.question.text for each in first),
                tuple(each.question.topic_id for each in first),
                np.array([each.total for each in first], dtype=np.float64),
            )
        )
    return context.foresights[count]
