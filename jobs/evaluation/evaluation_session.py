"""One session of an evaluation: its steps, several at a time, as far as the budget reaches."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from ...agents.prober.answers_by_noise import pilot_noise
from ...domain.answer import Outcome
from ...domain.errors import BudgetExhausted
from ...domain.texts.counting import count
from ...pool.budget.ledger import Ledger
from ...records import RunRecords, Trace, TraceEvent
from .answer_numbers import pilot_answers, record_numbers, recorded_numbers
from .budget_increase import suggest_budget_increase
from .evaluation_inputs import EvaluationInputs
from .question_evaluator import QuestionEvaluator, QuestionResult
from .work_items import WorkItem

AT_ONCE = 4
"""Questions under way at a time: enough to keep the members busy, few enough that a stop leaves little half done."""


class EvaluationListener(Protocol):
    """Hears of an evaluation as it goes on."""

    def begin(self, inputs: EvaluationInputs, ledger: Ledger, done: int, total: int) -> None:
        """It is about to start, or to go on with ``done`` of ``total`` steps behind it."""
        ...

    def step_done(self, done: int, total: int) -> None:
        """A step has ended: one question, or one question with every value primed in turn."""
        ...

    def outage(self, line: str) -> None:
        """An endpoint is waited for, or answers again; see ``Pool.on_outage``."""
        ...


@dataclass
class EvaluationSession:
    """One session of an evaluation under way: which questions are asked when, until all are or the budget is spent."""

    inputs: EvaluationInputs
    evaluator: QuestionEvaluator
    records: RunRecords
    ledger: Ledger
    trace: Trace
    listener: EvaluationListener
    pending: dict[str, WorkItem]
    total: int
    spent_budget: BudgetExhausted | None = None
    out_of_reach: bool = False
    numbers: dict[str, int] = field(init=False)
    pilot: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.pilot = frozenset(question.id for question in self.inputs.pilot)
        self.numbers = recorded_numbers(self.records)

    @property
    def done(self) -> int:
        """Steps that are behind it."""
        return self.total - len(self.pending)

    @property
    def ended_by_budget(self) -> str:
        """Why the budget ended it; empty where it did not."""
        if self.spent_budget is not None:
            return self.spent_budget.what
        return "the budget does not reach for the next question" if self.out_of_reach else ""

    async def ask_all(self) -> None:
        """Asks for what is pending, ``AT_ONCE`` at a time, until all is done or the budget is spent.

        Where a pilot decides how many answers a question takes, it comes first, and whole.
        """
        first = [item for item in self.pending.values() if item.plain and item.question.id in self.pilot]
        await self._ask(first)
        if self.pilot and not self.ended_by_budget:
            self._fix_numbers()
        await self._ask([item for item in self.pending.values() if item not in first])

    def _fix_numbers(self) -> None:
        """Reads in the pilot how many answers of each model the other questions take; once for all sessions."""
        if not self.numbers:
            inputs = self.inputs
            ids = [member.id for member in inputs.respondents]
            given = pilot_answers(self.records, inputs.pilot)
            noise = pilot_noise(given, ids, inputs.framework.value_ids, inputs.of.samples)
            self.numbers = noise.within_budget(self._affordable_answers(), alike=inputs.varied)
            record_numbers(self.records, self.numbers)

    def _affordable_answers(self) -> int | None:
        """Answers of all models to a question that the budget pays for, if it is to reach every question."""
        plain = sum(item.plain for item in self.pending.values())
        left = [calls for calls in self._calls_left() if calls is not None]
        if not plain or not left:
            return None
        primed = sum(self._cost(item) for item in self.pending.values() if not item.plain)
        of_others = self.inputs.calls_of([])
        return int(((min(left) - primed) / plain - of_others) / (1 + self.inputs.judging.calls.per_answer))

    async def _ask(self, items: Sequence[WorkItem]) -> None:
        under_way: set[asyncio.Task[None]] = set()
        if self.ended_by_budget:
            return
        try:
            for item in items:
                while under_way and (len(under_way) >= AT_ONCE or not self._affords(item, len(under_way))):
                    done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                    await asyncio.gather(*done)
                if self.spent_budget is not None or not self._affords(item, 0):
                    self.out_of_reach = True
                    break
                under_way.add(asyncio.create_task(self._one(item)))
            await asyncio.gather(*under_way)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    def _affords(self, item: WorkItem, under_way: int) -> bool:
        """Whether the budget pays for ``item`` beside ``under_way`` others; one that was begun may need only a rest."""
        if self.spent_budget is not None:
            return False
        needed = 0 if item.begun else self._cost(item)
        needed += under_way * max(self.inputs.per_question, self.inputs.per_primed)
        return all(calls is None or calls >= needed for calls in self._calls_left())

    def _calls_left(self) -> list[int | None]:
        """Calls that each cap of the budget leaves, tokens and money at their means; None: any number."""
        ledger = self.ledger
        means = ((ledger.tokens_left, ledger.mean_tokens), (ledger.money_left, ledger.mean_money))
        return [ledger.calls_left, *(int(rest / mean) if rest is not None and mean else None for rest, mean in means)]

    def _cost(self, item: WorkItem) -> int:
        if not item.plain:
            return self.inputs.per_primed
        numbers = self._numbers(item)
        return self.inputs.calls_of([numbers.get(each.id, self.inputs.of.samples) for each in self.inputs.respondents])

    def _numbers(self, item: WorkItem) -> Mapping[str, int]:
        """Answers of each model to a question; the pilot's questions are asked in full."""
        return {} if item.question.id in self.pilot else self.numbers

    @property
    def lacks(self) -> tuple[str, ...]:
        """What of the budget must be raised for the rest, and to what; empty unless the budget ended it."""
        if not self.ended_by_budget:
            return ()
        rest = sum(map(self._cost, self.pending.values()))
        cap = "" if self.spent_budget is None else self.spent_budget.cap
        return suggest_budget_increase(self.inputs.settings.budget, self.ledger, rest, cap)

    async def _one(self, item: WorkItem) -> None:
        started, clock = datetime.now(UTC), time.perf_counter()
        self.records.put_reading(item.begun_key, "")
        result = await self.evaluator.measure(item, self._numbers(item))
        if result.unpaid is not None:
            self.spent_budget = result.unpaid
            return
        self.evaluator.check_members()
        self.evaluator.keep(item, result)
        seconds = round(time.perf_counter() - clock, 6)
        self.trace.write(_event(item, result, started.isoformat(timespec="milliseconds"), seconds))
        del self.pending[item.begun_key]
        self.listener.step_done(self.done, self.total)


def _event(item: WorkItem, result: QuestionResult, started_at: str, seconds: float) -> TraceEvent:
    critiques = {each.group.value: each.model_dump(mode="json", exclude={"rates"}) for each in result.critiques}
    answered = sum(answer.outcome is Outcome.ANSWERED for answer in result.answers)
    summary = f"{answered} of {count(len(result.answers), 'answer')}"
    if result.problem:
        how = "in part in its own words" if result.answers else "not asked"
        summary = f"{f'{summary}, ' if result.answers else ''}{how}, for want of other words: {result.problem}"
    if not item.plain:
        summary += f", each of {count(len(item.values), 'value')} primed in turn"
    for each in result.critiques:
        scored = each.unscored if each.score is None else f"divergence {each.score.divergence:+z.3f} bits"
        summary += f"; {each.group.value}: {scored}"
    return TraceEvent(
        id=f"{1 if item.plain else 2}.{item.number}.{'evaluate' if item.plain else 'prime'}",
        position=(1 if item.plain else 2, 1, item.number, 0),
        node="evaluate",
        agent="prober",
        topic_id=item.question.topic_id,
        question_id=item.question.id,
        summary=summary,
        data={"questions": [item.question.id], "question": result.question.text, "critiques": critiques},
        call_ids=result.call_ids,
        started_at=started_at,
        seconds=seconds,
    )
