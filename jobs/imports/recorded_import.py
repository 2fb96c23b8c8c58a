"""Recorded answers become a run: read, judged, criticised and kept, question by question. Nobody is asked for answers.

There is nothing to decide on the way, so there is no state machine: each question is one traced step.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...agents.agent_context import AgentContext
from ...agents.critic.divergence_critic import with_q_values
from ...agents.guards.validate_critique import checked_critique
from ...agents.judges.judge_answers import judge_answers
from ...agents.protocols import Critic, Judge
from ...domain.answer import Answer, Outcome, Phase
from ...domain.critique import Critique
from ...domain.errors import RunFailed
from ...domain.pool_spec import Role
from ...domain.question import Question
from ...domain.streams import Purpose, derived_seed
from ...domain.texts.counting import count
from ...pool.budget.ledger import Ledger
from ...pool.endpoints.chat_models import close_models, make_models
from ...pool.member_pool import Pool
from ...records import Manifest, RunFolder, RunRecords, Trace, TraceEvent
from ...records.recorded_answers import RecordedAnswers, RecordedSource
from ..folder.lifecycle import new_job
from ..folder.manifests import new_manifest
from .import_inputs import ImportInputs

QUESTIONS_AT_ONCE = 8
"""How many questions are judged concurrently; the pool's members limit the calls further."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _QuestionResult:
    """One question done: its critique, how many answers were labelled, and the recorded calls behind it."""

    critique: Critique
    labelled: int
    call_ids: tuple[str, ...]


@dataclass(frozen=True)
class _Evaluator:
    """Who judges and criticises, and where that is kept."""

    judge: Judge
    critic: Critic
    records: RunRecords
    seed: int


async def import_answers(
    inputs: ImportInputs, path: Path | None, progress: Progress, on_outage: Callable[[str], None] = lambda _: None
) -> tuple[RunFolder, Manifest]:
    """Judges everything and leaves a finished run in ``path`` (by default ``runs/<run id>``).

    Cancelled, the run is "interrupted" and keeps the questions that it has. ``progress`` hears how many of how many
    questions are done, ``on_outage`` that an endpoint is waited for, or answers again. Raises ``RunFailed`` when the
    judge labelled no answer at all.
    """
    settings = inputs.settings
    models = make_models(inputs.pool, inputs.framework)
    manifest = new_manifest(inputs, pool=inputs.named_pool, recorded=inputs.recorded.source)
    results: list[_QuestionResult] = []
    async with AsyncExitStack() as stack:
        stack.push_async_callback(close_models, models.values())
        job = stack.enter_context(new_job(path, manifest, resumable=False))
        with job.under_way() as trace:
            pool = Pool(
                inputs.pool,
                models,
                words=inputs.prompts,
                recorder=job.records,
                ledger=Ledger(),
                seed=settings.seed,
                patience=settings.reconnect_timeout,
                telemetry=settings.telemetry,
            )
            pool.on_outage = on_outage
            context = AgentContext(pool, inputs)
            evaluator = _Evaluator(
                inputs.make("judge", context), inputs.make("critic", context), job.records, settings.seed
            )
            results = await _measure_all(inputs.recorded, evaluator, trace, progress)
            job.records.put_critiques(with_q_values([each.critique for each in results]))
            job.records.flush()
            job.finish("every recorded answer was judged")
    if job.status == "finished" and not any(each.labelled for each in results):
        raise RunFailed(f"no answer could be judged — see 'adaem trace {job.folder.path}'")
    return job.folder, job.manifest


async def _measure_all(
    recorded: RecordedAnswers, evaluator: _Evaluator, trace: Trace, progress: Progress
) -> list[_QuestionResult]:
    """Every question judged and criticised, in the order of the file; each is kept as soon as it is done."""
    questions = recorded.questions
    by_question: dict[str, list[Answer]] = {question.id: [] for question in questions}
    for answer in recorded.answers:
        by_question[answer.question_id].append(answer)
    evaluator.records.put_questions(questions)
    evaluator.records.put_ids("recorded", [question.id for question in questions])
    trace.write(_read_event(recorded.source))
    slots, done = asyncio.Semaphore(QUESTIONS_AT_ONCE), 0

    async def one(number: int, question: Question) -> _QuestionResult:
        nonlocal done
        async with slots:
            started, clock = datetime.now(UTC), time.perf_counter()
            result = await _measure(evaluator, question, by_question[question.id])
            event = _question_event(number, question, result, evaluator.judge.name)
            seconds = round(time.perf_counter() - clock, 6)
            timed = {"started_at": started.isoformat(timespec="milliseconds"), "seconds": seconds}
            trace.write(event.model_copy(update=timed))
        done += 1
        progress(done, len(questions))
        return result

    return list(await asyncio.gather(*(one(number, question) for number, question in enumerate(questions, start=1))))


async def _measure(evaluator: _Evaluator, question: Question, answers: Sequence[Answer]) -> _QuestionResult:
    wording = await evaluator.judge.judge_question(question)
    judgements = await judge_answers(evaluator.judge, answers)
    evaluator.records.put_question_judgement(question.id, wording)
    evaluator.records.put_answers(answers, judgements)
    critique = checked_critique(
        evaluator.critic,
        question,
        answers,
        judgements,
        wording,
        phase=Phase.EVALUATE,
        group=Role.EXAMINEE,
        seed=derived_seed(
            evaluator.seed,
            question.id,
            Phase.EVALUATE.value,
            Role.EXAMINEE.value,
            purpose=Purpose.QUESTION_TESTS,
        ),
    )
    evaluator.records.put_critiques([critique])
    calls = tuple(each.call_id for each in (wording, *judgements) if each is not None and each.call_id)
    labelled = sum(each is not None and each.outcome is Outcome.ANSWERED for each in judgements)
    return _QuestionResult(critique, labelled, calls)


def _read_event(source: RecordedSource) -> TraceEvent:
    summary = (
        f"{count(source.rows, 'answer')} of {count(len(source.models), 'model')} to "
        f"{count(source.questions, 'question')}"
    )
    return TraceEvent(
        id="1.import",
        position=(1, 0, 0, 0),
        node="import",
        summary=summary,
        data=source.model_dump(mode="json"),
        started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
    )


def _question_event(number: int, question: Question, result: _QuestionResult, judge: str) -> TraceEvent:
    critique, score = result.critique, result.critique.score
    return TraceEvent(
        id=f"1.{number}.critique",
        position=(1, 1, number, 0),
        node="critique",
        agent="critic",
        topic_id=question.topic_id,
        question_id=question.id,
        summary=f"unscored: {critique.unscored}" if score is None else f"divergence {score.divergence:+z.3f} bits",
        data={
            "question": question.text,
            "judge": judge,
            "critique": critique.model_dump(mode="json", exclude={"rates"}),
        },
        call_ids=result.call_ids,
    )
