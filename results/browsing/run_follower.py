"""How far a folder is, followed from look to look: each reads only what was written since the last.

It asks the run for nothing: all comes from its records and its trace, so that it is the same for a run of this minute,
one that was killed, and one of last year.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ...domain.answer import Outcome, Phase
from ...domain.critique import Critique
from ...domain.pool_spec import Role
from ...records import Manifest, RunFolder, TraceEvent
from ...records.call_records import Spending
from ...records.growing_records import EndedCall, GrowingRecords
from ...records.trace_follower import TraceFollower
from ..call_statistics import seconds
from ..grown_and_seeds import SeedComparison, comparisons
from ..spending import PURPOSES, SpentRow, compare
from .learning_curve import CurveStep, LearningCurve, curve_step, learning_curve

RATE_WINDOW = 30.0
"""Seconds over which the present rate of calls is measured."""

LAST_ERRORS = 12
"""Troubles and steps that are listed."""

BEST = 5

ENDS_A_MOVE = ("critique", "failure")


@dataclass(frozen=True)
class Trouble:
    """A call that brought no answer, or a step that failed: who, on what, and why."""

    who: str
    what: str
    outcome: str
    detail: str
    call_id: str = ""


@dataclass(frozen=True)
class MemberTally:
    """What one member's calls came to."""

    member: str
    outcomes: dict[str, int]
    seconds: float | None

    @property
    def calls(self) -> int:
        """How many have ended."""
        return sum(self.outcomes.values())


@dataclass(frozen=True)
class BestQuestion:
    """One of the best so far, by the search score that it was chosen by, in bits."""

    id: str
    text: str
    score: float


@dataclass(frozen=True)
class RunStanding:
    """How far it is. ``requests`` are those sent, ``rate`` and ``average`` requests a second; None is unknown.

    ``most_requests``, ``most_tokens`` and ``most_cost`` are the caps, None where there is none. ``under_way`` counts
    calls in flight by member and purpose. ``at_work`` are the moves of this round with the last step of each.
    ``unanswered`` counts calls that brought no answer, also those of which no request was sent; ``troubles`` are the
    latest of these and of the ``failed_moves``.
    """

    requests: int
    most_requests: int | None
    tokens: int
    most_tokens: int | None
    cost: float | None
    most_cost: float | None
    currency: str
    rate: float | None
    average: float | None
    under_way: dict[str, int]
    members: tuple[MemberTally, ...]
    outcomes: tuple[str, ...]
    spent: tuple[SpentRow, ...]
    at_work: tuple[tuple[str, str], ...]
    steps: tuple[TraceEvent, ...]
    number_of_steps: int
    best: tuple[BestQuestion, ...]
    curve: LearningCurve
    comparisons: tuple[SeedComparison, ...]
    troubles: tuple[Trouble, ...]
    unanswered: int
    failed_moves: int


@dataclass
class _Seen:
    """What was read so far."""

    row: int = 0
    calls: int = 0
    spending: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    seconds: Counter[str] = field(default_factory=Counter)
    unanswered: int = 0
    troubles: deque[Trouble] = field(default_factory=lambda: deque(maxlen=LAST_ERRORS))
    critique_row: int = 0
    searched: dict[str, float] = field(default_factory=dict)
    confirmed: dict[str, float] = field(default_factory=dict)


@dataclass
class _Walked:
    """What was read of the trace so far: ``read`` events, and by id what the last one of each step says."""

    read: int = 0
    steps: dict[str, CurveStep] = field(default_factory=dict)
    latest: dict[str, TraceEvent] = field(default_factory=dict)
    moves: dict[str, tuple[str, bool]] = field(default_factory=dict)
    round: int = 0
    evaluated: bool = False
    failures: dict[str, Trouble] = field(default_factory=dict)
    curve: tuple[tuple[int, int], LearningCurve] | None = None


class RunFollower:
    """Follows one folder. May be used by several threads."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._file: object = None
        self._seen = _Seen()
        self._trace = TraceFollower(folder.trace_path)
        self._walked = _Walked()
        self._times: deque[tuple[float, int]] = deque()
        self._compared: tuple[int, tuple[SeedComparison, ...]] | None = None

    @property
    def has_looked(self) -> bool:
        """Whether the next look has only what is new to read."""
        return self._file is not None

    def look(self, manifest: Manifest, now: float) -> RunStanding:
        """How far it is now; ``now`` in seconds of any clock that only goes forward.

        Raises ``FileError`` where its records or its trace cannot be read.
        """
        with self._lock:
            self._walk()
            with GrowingRecords(self._folder.records_path) as records:
                self._read(records)
                best = self._best(records)
                under_way = Counter(_purpose(each.purpose) for each in records.calls_in_flight())
                compared = self._comparisons(records, manifest.settings.seed)
            return self._standing(manifest, now, best, dict(under_way), compared)

    def _read(self, records: GrowingRecords) -> None:
        status = self._folder.records_path.stat()
        if self._file != (status.st_dev, status.st_ino):
            self._file, self._seen = (status.st_dev, status.st_ino), _Seen()
        seen = self._seen
        self._count(records.calls_after(seen.row))
        if records.stored_calls() < seen.calls:  # some were made once more, and took the place of what was counted
            self._seen = seen = _Seen(critique_row=seen.critique_row, searched=seen.searched, confirmed=seen.confirmed)
            self._count(records.calls_after(0))
        for row, critique in records.critiques_after(seen.critique_row):
            seen.critique_row = row
            self._keep(critique)

    def _count(self, calls: Iterable[EndedCall]) -> None:
        seen = self._seen
        for call in calls:
            seen.row, seen.calls = call.row, seen.calls + 1
            if call.attempts:
                figures = seen.spending.setdefault((call.member, call.purpose), [0.0] * 9)
                unpriced = call.cost is None
                added = (1, call.attempts, call.input_tokens, call.output_tokens, call.tokens, call.uncounted)
                for place, number in enumerate((*added, call.cost or 0.0, unpriced, call.seconds)):
                    figures[place] += number
                seen.outcomes.setdefault(call.member, Counter())[call.outcome] += 1
                seen.seconds[call.member] += call.seconds  # type: ignore[assignment]
            if call.outcome != Outcome.ANSWERED.value:
                seen.unanswered += 1
                seen.troubles.append(Trouble(call.member, _purpose(call.purpose), call.outcome, call.detail, call.id))

    def _keep(self, critique: Critique) -> None:
        if critique.score is None:
            return
        if (critique.phase, critique.group) == (Phase.SEARCH, Role.SCOUT):
            self._seen.searched[critique.question_id] = critique.score.total
        elif (critique.phase, critique.group) == (Phase.CONFIRM, Role.PANEL):
            self._seen.confirmed[critique.question_id] = critique.score.divergence

    def _walk(self) -> None:
        if self._trace.is_new_file():
            self._walked = _Walked()
        walked = self._walked
        for event, _ in self._trace.read():
            walked.read += 1
            walked.steps[event.id] = curve_step(event)
            walked.latest.pop(event.id, None)
            walked.latest[event.id] = event
            if len(walked.latest) > LAST_ERRORS:
                del walked.latest[next(iter(walked.latest))]
            walked.evaluated = walked.evaluated or event.node == "evaluate"
            if event.position[0] != walked.round or event.node == "remember":
                walked.round, walked.moves = event.position[0], {}
            if event.topic_id and event.node != "remember":
                move = f"{event.position[0]}.{event.position[2]} {event.topic_id}"
                ended = event.node in ENDS_A_MOVE or event.update.get("status") not in (None, "")
                walked.moves[move] = (event.node, ended)
            if event.node == "failure":
                walked.failures[event.id] = Trouble(event.id, "a move", "failed", event.summary)

    def _best(self, records: GrowingRecords) -> tuple[BestQuestion, ...]:
        scores = self._seen.searched
        ids = sorted(scores, key=lambda each: -scores[each])[:BEST]
        known = records.questions(ids)
        return tuple(BestQuestion(each, known[each].text, scores[each]) for each in ids if each in known)

    def _comparisons(self, records: GrowingRecords, seed: int) -> tuple[SeedComparison, ...]:
        if not self._walked.evaluated:
            return ()
        if self._compared is None or self._compared[0] != self._seen.critique_row:
            groups = (Role.PANEL, Role.EXAMINEE)
            self._compared = self._seen.critique_row, comparisons(records, groups, seed)
        return self._compared[1]

    def _curve(self, wanted: int) -> LearningCurve:
        walked, made_of = self._walked, (self._walked.read, len(self._seen.confirmed))
        if walked.curve is None or walked.curve[0] != made_of:
            walked.curve = (made_of, learning_curve(walked.steps.values(), wanted, self._seen.confirmed))
        return walked.curve[1]

    def _rate(self, now: float, requests: int) -> float | None:
        self._times.append((now, requests))
        while now - self._times[0][0] > RATE_WINDOW and len(self._times) > 2:
            self._times.popleft()
        began, before = self._times[0]
        return (requests - before) / (now - began) if now - began >= 1 else None

    def _standing(
        self,
        manifest: Manifest,
        now: float,
        best: tuple[BestQuestion, ...],
        under_way: dict[str, int],
        compared: tuple[SeedComparison, ...],
    ) -> RunStanding:
        seen, walked, budget = self._seen, self._walked, manifest.settings.budget
        spending = [_spending(*key, figures) for key, figures in sorted(seen.spending.items())]
        requests = sum(each.requests for each in spending)
        priced = manifest.pool is not None and manifest.pool.priced
        worked = seconds(manifest) + _of_this_session(manifest)
        asked = manifest.recorded is None
        return RunStanding(
            requests=requests,
            most_requests=budget.calls if asked else None,
            tokens=sum(each.tokens for each in spending),
            most_tokens=budget.tokens if asked else None,
            cost=sum(each.cost for each in spending) if priced else None,
            most_cost=budget.money if asked else None,
            currency=manifest.pool.currency if manifest.pool else "",
            rate=self._rate(now, requests) if manifest.status == "running" else None,
            average=requests / worked if worked > 0 and requests else None,
            under_way=under_way,
            members=tuple(
                MemberTally(member, dict(counts), seen.seconds[member] / counts.total() if counts else None)
                for member, counts in sorted(seen.outcomes.items())
            ),
            outcomes=_in_order({outcome for counts in seen.outcomes.values() for outcome in counts}),
            spent=() if manifest.forecast is None else compare(manifest.forecast, spending),
            at_work=tuple((move, node) for move, (node, ended) in walked.moves.items() if not ended),
            steps=tuple(walked.latest.values())[::-1],
            number_of_steps=len(walked.steps),
            best=best,
            curve=self._curve(manifest.settings.questions),
            comparisons=compared,
            troubles=(*tuple(walked.failures.values())[::-1], *tuple(seen.troubles)[::-1])[:LAST_ERRORS],
            unanswered=seen.unanswered,
            failed_moves=len(walked.failures),
        )


def _spending(member: str, purpose: str, figures: list[float]) -> Spending:
    calls, requests, read, written, tokens, uncounted, cost, unpriced, took = figures
    whole = map(int, (calls, requests, read, written, tokens, uncounted))
    return Spending._make((member, purpose, *whole, cost, int(unpriced), took))


def _purpose(purpose: str) -> str:
    return PURPOSES.get(purpose, purpose)


def _in_order(outcomes: set[str]) -> tuple[str, ...]:
    """As ``Outcome`` lists them."""
    order = [outcome.value for outcome in Outcome]
    return tuple(sorted(outcomes, key=lambda each: order.index(each) if each in order else len(order)))


def _of_this_session(manifest: Manifest) -> float:
    """Seconds since the session began that is still going on; 0 without one."""
    if manifest.status != "running" or not manifest.sessions or manifest.sessions[-1].finished_at:
        return 0.0
    began = datetime.fromisoformat(manifest.sessions[-1].started_at)
    return max(0.0, (datetime.now(UTC) - began).total_seconds())
