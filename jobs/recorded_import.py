"""Recorded answers become a run: read, judged, criticised and kept, question by question. Nobody is asked for answers.

There is nothing to decide on the way, so there is no state machine: each question is one traced step.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..agents.agent_context import AgentContext
from ..agents.critic.divergence_critic import with_q_values
from ..agents.guards.validate_critique import criticised
from ..agents.inputs import Inputs
from ..agents.judges.judge_requirements import check_judge
from ..agents.protocols import Critic, Judge
from ..agents.registry import AGENTS, find_agent
from ..domain.answer import Answer, Outcome, Phase
from ..domain.calls import Call, InFlight
from ..domain.critique import Critique
from ..domain.errors import InputError, RunFailed
from ..domain.judgement import Judgement
from ..domain.pool_spec import PoolSpec, Role
from ..domain.question import Question
from ..domain.reading.yaml_records import load_framework, load_pool, load_settings
from ..domain.streams import Purpose, derived_seed
from ..domain.texts.counting import count
from ..memory.embedders.named_embedder import make_embedder
from ..pool.budget.ledger import Ledger
from ..pool.endpoints.chat_models import close_models, make_models
from ..pool.member_pool import Pool
from ..pool.replies.recorded_text import read_answer
from ..prompts import load_prompts
from ..records import Manifest, RunFolder, RunRecords, Trace, TraceEvent
from ..records.recorded_answers import JUDGED_CHARACTERS, RecordedAnswers, RecordedSource, read_recorded
from .inputs import JobInputs
from .judge_choice import LOCAL, judge_choice, names_file
from .lifecycle import new_job
from .manifests import new_manifest

LLM = "llm"
NO_POOL = "none"
"""What the settings name for a pool where none is needed."""

QUESTIONS_AT_ONCE = 8
"""How many questions are judged concurrently; the pool's members limit the calls further."""

Progress = Callable[[int, int], None]


class _LateRecorder:
    """Keeps calls once there is a place for them: all is checked before the run's folder is made."""

    records: RunRecords | None = None

    def record(self, call: Call[Any]) -> None:
        assert self.records is not None
        self.records.record(call)

    async def note(self, request: InFlight) -> None:
        assert self.records is not None
        await self.records.note(request)

    def abandon(self, request: InFlight) -> None:
        assert self.records is not None
        self.records.abandon(request)

    def recorded(self, call_id: str) -> Call[Any] | None:
        assert self.records is not None
        return self.records.recorded(call_id)


@dataclass(frozen=True, kw_only=True)
class ImportInputs(JobInputs):
    """What an import needs before it touches the disk: the answers, read, and whoever judges them.

    ``pool`` has the judges alone; ``named_pool`` is the file's, None where the judge asks no model.
    """

    named_pool: PoolSpec | None
    recorded: RecordedAnswers
    judge: Judge
    critic: Critic
    models: Mapping[str, Any]
    recorder: _LateRecorder


@dataclass(frozen=True)
class _QuestionResult:
    """One question done: its critique, how many answers were labelled, and the recorded calls behind it."""

    critique: Critique
    labelled: int
    call_ids: tuple[str, ...]


def judge_settings(judge: str | None, pool: str | None) -> dict[str, str | None]:
    """The settings for ``--judge FILE|NAME`` and ``--pool``. Raises ``InputError`` when they do not fit together."""
    if judge is not None and names_file(judge):
        if pool is not None:
            raise InputError(f"--pool {pool}: the judge {judge} asks no model — leave out one of the two")
        return {**judge_choice(judge), "pool": NO_POOL}
    if judge is None and pool is None:
        raise InputError(
            "nobody to judge the answers — name a judge's file (--judge FILE, made by 'adaem judge train'), "
            "or a pool whose judges are asked (--pool FILE)"
        )
    name = LLM if judge is None else judge
    if name == LOCAL or (name not in AGENTS["judge"] and ":" not in name):
        others = ", ".join(sorted(set(AGENTS["judge"]) - {LOCAL}))
        raise InputError(f"--judge {name}: no such file — name a file made by 'adaem judge train', or one of {others}")
    if pool is None and ":" not in name:
        raise InputError(f"--judge {name}: it asks models — name their pool (--pool FILE)")
    return {"agents.judge": name, "pool": pool or NO_POOL}


def check_import(answers: Path, columns: Mapping[str, str], overrides: Mapping[str, Any]) -> ImportInputs:
    """Reads the answers and makes the judge. Raises ``InputError`` with the first defect; writes nothing."""
    settings = load_settings(None, overrides)
    framework, prompts = load_framework(settings.framework), load_prompts(settings.prompts)
    embedder = make_embedder(settings.embedder)
    pool = None if settings.pool == NO_POOL else load_pool(settings.pool)
    recorded = read_recorded(answers, columns, read_answer)
    # Only judges are asked, so only their keys are needed.
    judges = () if pool is None else pool.with_role(Role.JUDGE)
    models = make_models(judges, framework)
    judge_spec = PoolSpec.model_construct(name=settings.pool, members=judges)
    recorder = _LateRecorder()
    judge_pool = Pool(judge_spec, models, words=prompts, recorder=recorder, ledger=Ledger(), seed=settings.seed)
    context = AgentContext(judge_pool, Inputs(settings, framework, judge_spec, prompts, embedder))
    judging = check_judge(settings, judge_spec, framework)
    agents = {role: find_agent(role, getattr(settings.agents, role)) for role in ("judge", "critic")}
    return ImportInputs(
        settings,
        framework,
        judge_spec,
        prompts,
        embedder,
        agents=agents,
        judging=judging,
        notices=(*judging.notices, *_notices(recorded.source)),
        named_pool=pool,
        recorded=recorded,
        judge=agents["judge"](context),
        critic=agents["critic"](context),
        models=models,
        recorder=recorder,
    )


async def import_answers(inputs: ImportInputs, path: Path | None, progress: Progress) -> tuple[RunFolder, Manifest]:
    """Judges everything and leaves a finished run in ``path`` (by default ``runs/<run id>``).

    Cancelled, the run is "interrupted" and keeps the questions that it has. ``progress`` hears how many of how many
    questions are done. Raises ``RunFailed`` when the judge labelled no answer at all.
    """
    manifest = new_manifest(inputs, pool=inputs.named_pool, recorded=inputs.recorded.source)
    results: list[_QuestionResult] = []
    async with AsyncExitStack() as stack:
        stack.push_async_callback(close_models, inputs.models.values())
        job = stack.enter_context(new_job(path, manifest, resumable=False))
        inputs.recorder.records = job.records
        with job.under_way() as trace:
            results = await _measure_all(inputs, job.records, trace, progress)
            job.records.put_critiques(with_q_values([each.critique for each in results]))
            job.records.flush()
            job.finish("every recorded answer was judged")
    if job.status == "finished" and not any(each.labelled for each in results):
        raise RunFailed(f"no answer could be judged — see 'adaem trace {job.folder.path}'")
    return job.folder, job.manifest


async def _measure_all(
    inputs: ImportInputs, records: RunRecords, trace: Trace, progress: Progress
) -> list[_QuestionResult]:
    """Every question judged and criticised, in the order of the file; each is kept as soon as it is done."""
    questions = inputs.recorded.questions
    by_question: dict[str, list[Answer]] = {question.id: [] for question in questions}
    for answer in inputs.recorded.answers:
        by_question[answer.question_id].append(answer)
    records.put_questions(questions)
    records.put_ids("recorded", [question.id for question in questions])
    trace.write(_read_event(inputs.recorded.source))
    slots, done = asyncio.Semaphore(QUESTIONS_AT_ONCE), 0

    async def one(number: int, question: Question) -> _QuestionResult:
        nonlocal done
        async with slots:
            started, clock = datetime.now(UTC), time.perf_counter()
            result = await _measure(inputs, records, question, by_question[question.id])
            event = _question_event(number, question, result, inputs.judge.name)
            seconds = round(time.perf_counter() - clock, 6)
            timed = {"started_at": started.isoformat(timespec="milliseconds"), "seconds": seconds}
            trace.write(event.model_copy(update=timed))
        done += 1
        progress(done, len(questions))
        return result

    return list(await asyncio.gather(*(one(number, question) for number, question in enumerate(questions, start=1))))


async def _measure(
    inputs: ImportInputs, records: RunRecords, question: Question, answers: Sequence[Answer]
) -> _QuestionResult:
    async def judge(answer: Answer) -> Judgement | None:
        return await inputs.judge.judge(answer.unnamed) if answer.outcome is Outcome.ANSWERED else None

    wording = await inputs.judge.judge_question(question)
    judgements = await asyncio.gather(*(judge(answer) for answer in answers))
    records.put_question_judgement(question.id, wording)
    records.put_answers(answers, judgements)
    critique = criticised(
        inputs.critic,
        question,
        answers,
        judgements,
        wording,
        phase=Phase.EVALUATE,
        group=Role.EXAMINEE,
        seed=derived_seed(
            inputs.settings.seed,
            question.id,
            Phase.EVALUATE.value,
            Role.EXAMINEE.value,
            purpose=Purpose.QUESTION_TESTS,
        ),
    )
    records.put_critiques([critique])
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


def _notices(source: RecordedSource) -> tuple[str, ...]:
    problems = (
        (source.retold, "Question ids with more than one text, of which the first is kept: {}"),
        (source.shortened, f"Answers longer than {JUDGED_CHARACTERS} characters, judged on their beginning: {{}}"),
        (
            source.repeated,
            "Answers that repeat another one of the same model to the same wording, word for word: {}; if they are "
            "copies and no samples, every interval and test is too sure of itself",
        ),
    )
    return tuple(what.format(count) for count, what in problems if count)
