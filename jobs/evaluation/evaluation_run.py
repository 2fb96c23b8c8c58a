"""An evaluation: every respondent of a pool answers every question, question by question, and is judged.

There is nothing to decide on the way, so there is no state machine: each question is one traced step. Calls are
recorded as they arrive, so that going on with a stopped evaluation asks nothing twice that was answered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from ...agents.critic.divergence_critic import with_q_values
from ...domain.answer import Outcome, Phase
from ...domain.errors import BudgetExhausted, InputError, RunFailed
from ...domain.texts.counting import count
from ...pool.budget.ledger import Ledger
from ...pool.budget.tokens import load_counter
from ...pool.endpoints.chat_models import ChatModels, close_models, make_models
from ...pool.member_pool import Pool
from ...records import Manifest, RunFolder, RunRecords, Trace, TraceEvent
from ...records.damage import as_read
from ..lifecycle import Job, new_job, reopened_job
from ..manifests import new_manifest, resumed
from ..spent_budget import caps
from .budget_increase import suggest_budget_increase
from .check_evaluation import inputs_of_evaluation
from .evaluation_inputs import QUESTION_LIST, EvaluationInputs
from .question_evaluator import QuestionEvaluator, QuestionResult, WorkItem, critique_groups

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


@dataclass
class _Course:
    """One session of an evaluation under way."""

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

    async def all(self) -> None:
        """Asks for what is pending, ``AT_ONCE`` at a time, until all is done or the budget is spent."""
        under_way: set[asyncio.Task[None]] = set()
        try:
            for item in list(self.pending.values()):
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
        ledger = self.ledger
        means = ((ledger.tokens_left, ledger.mean_tokens), (ledger.money_left, ledger.mean_money))
        left = [ledger.calls_left, *(int(rest / mean) if rest is not None and mean else None for rest, mean in means)]
        return all(calls is None or calls >= needed for calls in left)

    def _cost(self, item: WorkItem) -> int:
        return self.inputs.per_question if item.plain else self.inputs.per_primed

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
        result = await self.evaluator.measure(item)
        if result.unpaid is not None:
            self.spent_budget = result.unpaid
            return
        self.evaluator.check_members()
        self.evaluator.keep(item, result)
        seconds = round(time.perf_counter() - clock, 6)
        self.trace.write(_event(item, result, started.isoformat(timespec="milliseconds"), seconds))
        del self.pending[item.begun_key]
        self.listener.step_done(self.done, self.total)


async def evaluate(
    inputs: EvaluationInputs, path: Path | None, listener: EvaluationListener
) -> tuple[RunFolder, Manifest]:
    """Asks everybody everything, into a new folder ``path`` (by default ``runs/<run id>``).

    Cancelled, or when its budget is spent, it is "interrupted": what was answered is kept, and ``resume_evaluation``
    goes on with it. Raises ``RunFailed`` when too few members are left, or no answer could be judged.
    """
    models = _models(inputs)
    manifest = new_manifest(inputs, evaluation=inputs.of, fork=inputs.fork)

    def store_questions(records: RunRecords) -> None:
        records.put_questions(inputs.questions)
        records.put_ids(QUESTION_LIST, [question.id for question in inputs.questions])

    async with AsyncExitStack() as stack:
        stack.push_async_callback(close_models, models.values())
        job = stack.enter_context(new_job(path, manifest, prepare=store_questions))
        return await _carry_out(inputs, job, models, listener)


async def resume_evaluation(
    path: Path, overrides: Mapping[str, Any], listener: EvaluationListener
) -> tuple[RunFolder, Manifest]:
    """Goes on with an evaluation that was stopped or killed, or in which calls failed: those are made again.

    Nothing that was answered is asked again. ``overrides`` are settings of the budget that change, and permissions.
    Raises ``InputError`` when there is nothing to go on with.
    """
    folder = RunFolder(path)
    with as_read(path):
        inputs = inputs_of_evaluation(folder, overrides)
    models = _models(inputs)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(close_models, models.values())
        job = stack.enter_context(reopened_job(folder))
        if job.manifest.status == "finished" and not pending_items(inputs, job.records):
            raise InputError(f"{path}: this evaluation is finished, and no call in it failed")
        job.manifest = resumed(job.manifest, inputs.settings)
        return await _carry_out(inputs, job, models, listener)


def pending_items(inputs: EvaluationInputs, records: RunRecords) -> list[WorkItem]:
    """What is still to be asked, in order: plain questions first, then the primed ones."""
    return [item for item in _items(inputs, records) if not _is_whole(item, records)]


def _items(inputs: EvaluationInputs, records: RunRecords) -> list[WorkItem]:
    rank = {question.id: number for number, question in enumerate(inputs.questions, start=1)}
    items, (primed, values) = [WorkItem(each, rank[each.id]) for each in inputs.order], inputs.primed
    items += [WorkItem(each, rank[each.id], values) for each in primed]
    return [item.with_begun(records.reading(item.begun_key) is not None) for item in items]


def _is_whole(item: WorkItem, records: RunRecords) -> bool:
    """Whether the answers are there, and none of them, nor a judgement, is missing because a call failed."""
    answers, judgements = records.answers(item.question.id, [Phase.EVALUATE])
    own = [(answer, judgement) for answer, judgement in zip(answers, judgements, strict=True) if item.holds(answer)]
    wording = records.question_judgement(item.question.id)
    results = (*(each for pair in own for each in pair if each is not None), *((wording,) if wording else ()))
    return bool(own) and all(each.outcome is not Outcome.FAILED for each in results)


async def _carry_out(
    inputs: EvaluationInputs, job: Job, models: ChatModels, listener: EvaluationListener
) -> tuple[RunFolder, Manifest]:
    """Asks for what is pending, and leaves the folder in order however that ends."""
    records = job.records
    counter = await load_counter(inputs.pool.members)
    job.note([counter.notice] if counter.notice else [])
    with job.under_way() as trace:
        ledger = Ledger(**caps(inputs.settings, inputs.pool, records))
        pool = Pool(
            inputs.pool,
            models,
            words=inputs.prompts,
            recorder=records,
            ledger=ledger,
            seed=inputs.seed,
            counter=counter,
        )
        evaluator = QuestionEvaluator(inputs, pool, records)
        pending = {item.begun_key: item for item in pending_items(inputs, records)}
        total = len(inputs.questions) + len(inputs.primed[0])
        course = _Course(inputs, evaluator, records, ledger, trace, listener, pending, total)

        def close() -> None:
            if not _adjust_p_values(inputs, records) and job.status == "finished":
                job.fail("no model gave two answers to a question that could be judged")
            job.note(pool.notices)

        job.start(on_close=close)
        listener.begin(inputs, ledger, course.done, total)
        await course.all()
        records.flush()
        if why := course.ended_by_budget:  # what to do about it is told with the way on, where it has a figure
            job.interrupt(f"{why}: {course.done} of {count(total, 'step')} done")
            job.manifest = job.manifest.model_copy(update={"lacks": course.lacks})
        else:
            job.finish("every question was asked")
    if job.status == "failed":
        raise RunFailed(f"{job.reason} — see 'adaem trace {job.folder.path}'")
    return job.folder, job.manifest


def _adjust_p_values(inputs: EvaluationInputs, records: RunRecords) -> bool:
    """Adjusts the p-values over all questions that were asked; says whether anything was measured."""
    groups = critique_groups(inputs.pool)
    # Of a role with one member alone no question can be scored.
    comparable = not groups
    for group, _ in groups:
        critiques = list(records.critiques(Phase.EVALUATE, group).values())
        records.put_critiques(with_q_values(critiques))
        comparable |= any(critique.models for critique in critiques)
    return comparable


def _models(inputs: EvaluationInputs) -> ChatModels:
    try:
        return make_models(inputs.pool.members, inputs.framework)
    except InputError as error:
        raise InputError(f"pool {inputs.settings.pool}, {error}") from None


def _event(item: WorkItem, result: QuestionResult, started_at: str, seconds: float) -> TraceEvent:
    critiques = {each.group.value: each.model_dump(mode="json", exclude={"rates"}) for each in result.critiques}
    answered = sum(answer.outcome is Outcome.ANSWERED for answer in result.answers)
    summary = f"{answered} of {count(len(result.answers), 'answer')}"
    if result.problem:
        summary = f"not asked, for want of other words: {result.problem}"
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
