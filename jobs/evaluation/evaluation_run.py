"""An evaluation: every respondent of a pool answers every question, question by question, and is judged.

There is nothing to decide on the way, so there is no state machine: each question is one traced step. Calls are
recorded as they arrive, so that going on with a stopped evaluation asks nothing twice that was answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from ...agents.critic.divergence_critic import with_q_values
from ...domain.answer import Phase
from ...domain.errors import InputError, RunFailed
from ...domain.texts.counting import count
from ...pool.budget.ledger import Ledger
from ...pool.budget.tokens import load_counter
from ...pool.endpoints.chat_models import ChatModels, close_models, make_models
from ...pool.member_pool import Pool
from ...records import Manifest, RunFolder, RunRecords
from ...records.damage import as_read
from ..folder.lifecycle import Job, new_job, reopened_job
from ..folder.manifests import new_manifest, resumed
from ..spent_budget import caps
from .answer_numbers import numbers_in_words, recorded_numbers
from .check_evaluation import inputs_of_evaluation
from .evaluation_inputs import QUESTION_LIST, EvaluationInputs
from .evaluation_session import EvaluationListener, EvaluationSession
from .question_evaluator import QuestionEvaluator, critique_groups
from .work_items import pending_items


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
        job.manifest = resumed(job.manifest, inputs.settings, job.folder.trace_path)
        return await _carry_out(inputs, job, models, listener)


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
            patience=inputs.settings.reconnect_timeout,
            telemetry=inputs.settings.telemetry,
        )
        pool.on_outage = listener.outage
        evaluator = QuestionEvaluator(inputs, pool, records)
        pending = {item.begun_key: item for item in pending_items(inputs, records)}
        total = len(inputs.questions) + len(inputs.primed[0])
        session = EvaluationSession(inputs, evaluator, records, ledger, trace, listener, pending, total)

        def close() -> None:
            if not _adjust_p_values(inputs, records) and job.status == "finished":
                job.fail("no model gave two answers to a question that could be judged")
            job.note(pool.notices)

        job.start(on_close=close)
        listener.begin(inputs, ledger, session.done, total)
        await session.ask_all()
        records.flush()
        if numbers := recorded_numbers(records):
            job.note([numbers_in_words(numbers, len(inputs.pilot), inputs.of.samples)])
        if why := session.ended_by_budget:  # what to do about it is told with the way on, where it has a figure
            job.interrupt(f"{why}: {session.done} of {count(total, 'step')} done")
            job.manifest = job.manifest.model_copy(update={"lacks": session.lacks})
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
        return make_models(inputs.pool, inputs.framework)
    except InputError as error:
        raise InputError(f"pool {inputs.settings.pool}, {error}") from None
