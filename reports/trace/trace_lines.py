"""A trace as lines, one a step: who decided what, what it did to the score, and what it took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from ...domain.errors import InputError
from ...domain.record import Record
from ...records import Manifest, RunRecords, TraceEvent


class StepLine(Record):
    """One step. ``score`` in bits is what a critic came to, ``change`` what that is above the rewritten question.

    ``calls`` are those that the step rests on, ``cost`` what they were charged, None where nothing has a price;
    ``seconds`` are wall time.
    """

    id: str
    round: int
    dispatch: int
    node: str
    agent: str
    topic_id: str
    question_id: str
    decided: str
    score: float | None
    change: float | None
    calls: int
    cost: float | None
    seconds: float


class Chosen(Record):
    """Which steps are wanted; an empty name leaves that open. ``slowest``: only so many, the slowest first."""

    topic: str = ""
    agent: str = ""
    slowest: int | None = None


def costs_of(records: RunRecords, manifest: Manifest) -> dict[str, float]:
    """What calls were charged, by id; empty where no member has a price."""
    priced = manifest.pool is not None and any(member.price is not None for member in manifest.pool.members)
    return records.costs() if priced else {}


def trace_lines(events: Iterable[TraceEvent], costs: Mapping[str, float]) -> list[StepLine]:
    """All steps in order; the events are read once. ``costs``: of the calls that have a price, by id."""
    parents: dict[str, float] = {}  # what a question was rewritten from stands in the step before its critique
    lines = []
    for event in events:
        if isinstance(score := event.data.get("parent_score"), int | float) and event.question_id:
            parents[event.question_id] = score
        lines.append(_line(event, parents, costs))
    return lines


def choose(lines: Sequence[StepLine], chosen: Chosen, where: str) -> list[StepLine]:
    """The lines that are wanted. Raises ``InputError``, with the nearest names, where a name fits none."""
    if chosen.topic:
        _known(chosen.topic, (line.topic_id for line in lines), f"{where}: no step is about the topic")
    if chosen.agent:
        _known(chosen.agent, (name for line in lines for name in (line.agent, line.node)), f"{where}: no step is by")
    matching = [line for line in lines if fits(line, chosen)]
    if chosen.slowest is None:
        return matching
    return sorted(matching, key=lambda line: -line.seconds)[: chosen.slowest]


def fits(line: StepLine, chosen: Chosen) -> bool:
    """Whether a line is about the topic and by the agent that are wanted."""
    return chosen.topic in ("", line.topic_id) and chosen.agent in ("", line.agent, line.node)


def nearest_names(name: str, known: Iterable[str]) -> str:
    """What to say of a name that is not known."""
    names = sorted({each for each in known if each})
    close = get_close_matches(name, names, n=4, cutoff=0.3) or names[:4]
    return f"did you mean {', '.join(close)}?" if close else "there is none yet"


def _known(name: str, known: Iterable[str], problem: str) -> None:
    names = set(known)
    if name not in names:
        raise InputError(f"{problem} {name!r} — {nearest_names(name, names)}")


def _line(event: TraceEvent, parents: Mapping[str, float], costs: Mapping[str, float]) -> StepLine:
    critique = event.data.get("critique") or {}
    score = (critique.get("score") or {}).get("total")
    parent = parents.get(event.question_id)
    priced = [costs[call] for call in event.call_ids if call in costs]
    return StepLine(
        id=event.id,
        round=event.position[0],
        dispatch=event.position[2],
        node=event.node,
        agent=event.agent,
        topic_id=event.topic_id,
        question_id=event.question_id,
        decided=event.summary,
        score=score,
        change=None if score is None or parent is None else score - parent,
        calls=len(event.call_ids),
        cost=sum(priced) if priced else None,
        seconds=event.seconds,
    )
