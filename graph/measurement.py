"""Ask, judge, criticise: the measurement that search, confirmation and evaluation share."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..agents.guards.validate_critique import checked_critique
from ..agents.judges.judge_answers import judge_answers
from ..domain.answer import Answer, Phase
from ..domain.critique import Critique
from ..domain.judgement import Judgement
from ..domain.pool_spec import Member, Role
from ..domain.question import Question
from ..domain.streams import Purpose, derived_seed
from .run_context import RunContext


def phase_samples(context: RunContext, phase: Phase) -> range:
    """The sample indices of a phase; those of different phases never overlap, so every answer is a fresh one."""
    samples = context.settings.samples
    start = {Phase.SEARCH: 0, Phase.CONFIRM: samples.search, Phase.EVALUATE: samples.search + samples.confirm}[phase]
    count = {Phase.SEARCH: samples.search, Phase.CONFIRM: samples.confirm, Phase.EVALUATE: samples.evaluate}[phase]
    return range(start, start + count)


async def probe(context: RunContext, question: Question, members: Sequence[Member], phase: Phase) -> tuple[Answer, ...]:
    """Asks ``members`` the question and stores their answers, not yet judged."""
    answers = await context.agents.prober.probe(question, members, phase=phase, samples=phase_samples(context, phase))
    context.records.put_answers(answers, [None] * len(answers))
    return answers


async def judge(
    context: RunContext, question: Question, answers: Sequence[Answer]
) -> tuple[Judgement, list[Judgement | None]]:
    """Judges the question's own wording (once) and every answered answer, and stores the judgements."""
    agent = context.agents.judge

    async def judge_wording() -> Judgement:
        known = context.records.question_judgement(question.id)
        return known or await agent.judge_question(question)

    wording, judgements = await asyncio.gather(judge_wording(), judge_answers(agent, answers))
    context.records.put_question_judgement(question.id, wording)
    context.records.put_judgements(answers, judgements)
    return wording, judgements


def criticise(
    context: RunContext,
    question: Question,
    answers: Sequence[Answer],
    judgements: Sequence[Judgement | None],
    wording: Judgement,
    *,
    phase: Phase,
    group: Role,
) -> Critique:
    """The critic's score of the answers that the members with the role ``group`` gave."""
    members = {member.id for member in context.members(group)}
    places = [number for number, answer in enumerate(answers) if answer.member in members]
    return checked_critique(
        context.agents.critic,
        question,
        [answers[number] for number in places],
        [judgements[number] for number in places],
        wording,
        phase=phase,
        group=group,
        seed=derived_seed(context.settings.seed, question.id, phase.value, group.value, purpose=Purpose.QUESTION_TESTS),
    )


async def measure(
    context: RunContext, question: Question, members: Sequence[Member], phase: Phase, groups: Sequence[Role]
) -> tuple[str, ...]:
    """Fresh answers of ``members``, judged, with one stored critique for each role in ``groups``.

    Returns the ids of the calls that it took.
    """
    answers = await probe(context, question, members, phase)
    wording, judgements = await judge(context, question, answers)
    critiques = [
        criticise(context, question, answers, judgements, wording, phase=phase, group=group) for group in groups
    ]
    context.records.put_critiques(critiques)
    return call_ids(answers, (wording, *judgements))


def call_ids(answers: Sequence[Answer], judgements: Sequence[Judgement | None]) -> tuple[str, ...]:
    """The ids of the recorded calls behind answers and judgements, each once."""
    asked = (answer.call_id for answer in answers)
    judged = (call for judgement in judgements if judgement is not None for call in judgement.call_ids)
    return tuple(dict.fromkeys(call for call in (*asked, *judged) if call))
