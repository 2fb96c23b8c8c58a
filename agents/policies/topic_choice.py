"""What the policies that only propose have in common: the topics' records, and moves from a ranking of topics."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .policy import Floats, Ints, Move, MoveKind, SearchView


def proposal_records(view: SearchView) -> tuple[Ints, Floats]:
    """``(count, mean)``, both (T,): proposals scored per topic and their mean first score in bits.

    Rewrites are left out: their parents were selected, so they say little of what the topic's next question will
    score. A topic without a scored proposal gets the mean over all proposals, 0 when there is none.
    """
    proposal = view.parent < 0
    topics = len(view.alive)
    count = np.bincount(view.topic[proposal], minlength=topics)
    total = np.bincount(view.topic[proposal], weights=view.score[proposal], minlength=topics)
    overall = float(total.sum() / count.sum()) if count.any() else 0.0
    return count, np.where(count > 0, total / np.maximum(count, 1), overall)


def propose_best(
    view: SearchView, moves: int, worth: Floats, tie: Floats, reasons: Mapping[str, Floats] | None = None
) -> list[Move]:
    """At most ``moves`` proposals for the open topics of greatest ``worth`` (T,); equal worth goes by lower ``tie``.

    ``reasons`` holds one (T,) array for each named term of the trace.
    """
    candidates = np.flatnonzero(view.open)
    order = candidates[np.lexsort((tie[candidates], -worth[candidates]))][: max(moves, 0)]
    return [
        Move(
            kind=MoveKind.PROPOSE,
            topic=int(topic),
            parent=None,
            worth=float(worth[topic]),
            reason={name: float(terms[topic]) for name, terms in (reasons or {}).items()},
        )
        for topic in order
    ]
