"""What the calls of any folder brought and cost: of a run, of an evaluation, or of an import."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from ..domain.answer import Outcome
from ..domain.record import Record
from ..records import Manifest, RunRecords


class CallStatistics(Record):
    """``calls`` are requests by prompt; ``missing`` calls without an answer, by prompt and outcome.

    ``tokens`` are the providers' counts of ``input`` and ``output``; ``uncounted_tokens`` the most that requests may
    have taken of which none were counted. ``cost`` is None when no member has a price. The ``unknown_`` figures are the
    most that was in flight when a session ended, in none of the other figures; ``unknown_cost`` is None where some of
    it has no price. ``faults`` are failed requests by member and fault. ``seconds`` is the wall time of ``sessions``.
    """

    calls: dict[str, int]
    tokens: dict[str, int]
    cost: float | None
    currency: str
    uncounted_tokens: int
    unknown_requests: int
    unknown_tokens: int
    unknown_cost: float | None
    faults: dict[str, int]
    missing: dict[str, int]
    seconds: float
    sessions: int


def call_statistics(manifest: Manifest, records: RunRecords) -> CallStatistics:
    """From the records of every call, and the sessions in the manifest."""
    spending, unknown = records.spending(), records.unknown()
    requests: Counter[str] = Counter()
    for each in spending:
        requests[each.prompt] += each.requests
    priced = manifest.pool is not None and manifest.pool.priced
    return CallStatistics(
        calls=dict(sorted(requests.items())),
        tokens={
            "input": sum(each.input_tokens for each in spending),
            "output": sum(each.output_tokens for each in spending),
        },
        cost=sum(each.cost for each in spending) if priced else None,
        currency=manifest.pool.currency if manifest.pool else "",
        uncounted_tokens=sum(each.uncounted for each in spending),
        unknown_requests=unknown.requests,
        unknown_tokens=unknown.tokens,
        unknown_cost=None if unknown.unpriced else unknown.cost,
        faults={f"{member}: {fault}": count for (member, fault), count in sorted(records.faults().items())},
        missing={
            f"{prompt}: {outcome}": count
            for (prompt, outcome), count in sorted(records.call_outcomes().items())
            if outcome != Outcome.ANSWERED.value
        },
        seconds=seconds(manifest),
        sessions=len(manifest.sessions),
    )


def seconds(manifest: Manifest) -> float:
    """Wall time of a run's sessions. One that was killed counts up to its last step, once the run has gone on; one that
    is still going on has no end, and counts for nothing.

    Nor does one whose clock was set back while it ran: how long it took is not known.
    """
    known = ((session.started_at, session.finished_at or session.last_seen_at) for session in manifest.sessions)
    ends = ((start, end) for start, end in known if end)
    took = ((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() for start, end in ends)
    return sum(each for each in took if each >= 0)
