"""How the scores of the best questions rose with the calls that were spent (METHOD.md section 3).

Points come in the order in which the steps ended. A search score is the one that a question was chosen by, so that the
mean of the best is too high on average; what fresh answers then show is the mean of the confirmed ones.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...domain.record import Record
from ...records import TraceEvent


class CurvePoint(Record):
    """Mean search score or divergence in bits over ``questions``, when so many ``calls`` had ended."""

    calls: int
    divergence: float
    questions: int


class LearningCurve(Record):
    """``best``: mean search score of the best M so far; ``confirmed``: mean of all confirmed, on fresh answers."""

    best: tuple[CurvePoint, ...]
    confirmed: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class CurveStep:
    """What a curve needs of one step: when it ended, the calls it rests on, and what it scored or confirmed."""

    ended: float
    calls: int
    score: float | None
    confirmed: tuple[str, ...]


def curve_step(event: TraceEvent) -> CurveStep:
    """From the trace. A time that cannot be read counts as the beginning."""
    try:
        ended = datetime.fromisoformat(event.started_at).timestamp() + event.seconds
    except (ValueError, OverflowError):
        ended = 0.0
    score: Any = ((event.data.get("critique") or {}).get("score") or {}).get("total")
    questions = event.data.get("questions", []) if event.node == "confirm" else []
    return CurveStep(
        ended=ended,
        calls=len(event.call_ids),
        score=float(score) if isinstance(score, int | float) and event.node == "critique" else None,
        confirmed=tuple(map(str, questions)),
    )


def learning_curve(steps: Iterable[CurveStep], wanted: int, confirmed: Mapping[str, float]) -> LearningCurve:
    """The curve of the best ``wanted`` questions; ``confirmed`` are fresh divergences by question, in bits."""
    calls, best, points, fresh_points = 0, list[float](), list[CurvePoint](), list[CurvePoint]()
    fresh: dict[str, float] = {}
    for step in sorted(steps, key=lambda step: step.ended):
        calls += step.calls
        if step.score is not None:
            (heapq.heappush if len(best) < wanted else heapq.heappushpop)(best, step.score)
            points.append(CurvePoint(calls=calls, divergence=sum(best) / len(best), questions=len(best)))
        if step.confirmed:
            fresh |= {each: confirmed[each] for each in step.confirmed if each in confirmed}
            if fresh:
                mean = sum(fresh.values()) / len(fresh)
                fresh_points.append(CurvePoint(calls=calls, divergence=mean, questions=len(fresh)))
    return LearningCurve(best=tuple(points), confirmed=tuple(fresh_points))
