"""All stored answers of a run, judged again by another judge: no other model is called, the search stays as it was.

Each step of the parent's trace in which the judge had a say is made again; the others are taken over as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from itertools import chain
from typing import Any

from ..domain.answer import Outcome, Phase
from ..domain.errors import InputError
from ..domain.pool_spec import Role
from ..domain.question import Question
from ..domain.texts.counting import count
from ..graph import measurement
from ..graph.nodes.critique_step import critique
from ..graph.publication import publish
from ..graph.run_context import RunContext
from ..graph.search.frontier import scored_question
from ..graph.search.memory_items import memory_item
from ..graph.state import MoveProgress, RunUpdate
from ..graph.step import Place, StepResult, record_step
from ..records import MoveRecord, RunFolder, RunRecords, TraceEvent, read_trace
from .inputs import RunInputs

AT_ONCE = 4
"""Steps under way at a time; each judges many answers."""

JUDGING = ("critique", "confirm", "evaluate")
"""The steps in which the judge has a say."""


def check_rejudging(inputs: RunInputs, parent: RunRecords) -> None:
    """Raises ``InputError`` when the budget does not pay for judging everything that ``parent`` was answered.

    A judge that asks no model needs no budget.
    """
    judging = inputs.judging.calls
    if not judging.per_answer and not judging.per_question:
        return
    questions = parent.questions()
    answers = [answer for each in questions for answer in parent.answers(each)[0]]
    calls_made = len({answer.call_id for answer in answers if answer.call_id})
    answered = sum(answer.outcome is Outcome.ANSWERED for answer in answers)
    needed = calls_made + judging.per_answer * answered + judging.per_question * len(questions)
    if needed > inputs.settings.budget.calls:
        raise InputError(
            f"judging {count(answered, 'answer')} again takes up to {needed} calls with those that were made already, "
            f"more than the budget of {inputs.settings.budget.calls} — raise it with -s budget.calls={needed}"
        )


def answers_to_judge(parent: RunFolder) -> dict[str, int]:
    """How many stored answers each judging step has, by the step's id, which is the same in the fork."""
    phases = dict(zip(JUDGING, (Phase.SEARCH, Phase.CONFIRM, Phase.EVALUATE), strict=True))
    events, _ = read_trace(parent.trace_path)
    with RunRecords(parent.records_path, read_only=True) as records:
        return {
            event.id: sum(len(records.answers(each, [phases[event.node]])[0]) for each in _judged_in(event))
            for event in events
            if event.node in JUDGING
        }


def _judged_in(event: TraceEvent) -> list[str]:
    """The questions whose answers the judge had in a step: one in a critique, several in a whole round's."""
    return [event.question_id] if event.node == "critique" else list(event.data.get("questions", []))


def take_over(parent: RunFolder, earlier: RunRecords, records: RunRecords) -> None:
    """Copies what the parent asked and was answered, without any judgement. Doing it twice changes nothing."""
    copied = records.questions()
    for question_id, question in earlier.questions().items():
        if question_id not in copied:
            answers, _ = earlier.answers(question_id)
            _copy_calls([answer.call_id for answer in answers], earlier, records)
            records.put_answers(answers, [None] * len(answers))
            records.put_questions([question])
    events, _ = read_trace(parent.trace_path)
    _copy_calls([call for event in events if event.node not in JUDGING for call in event.call_ids], earlier, records)
    for name in ("evaluated_grown", "evaluated_seeds"):
        records.put_ids(name, earlier.ids(name))


def _copy_calls(ids: Sequence[str], earlier: RunRecords, records: RunRecords) -> None:
    for call in earlier.calls([each for each in ids if each]):
        if records.recorded(call.id) is None:
            records.record(call)


async def rejudge(context: RunContext, parent: RunFolder, earlier: RunRecords) -> str:
    """Judges everything anew, in the order of the parent's trace, and ranks; returns why the search had stopped."""
    manifest = parent.read_manifest()
    events, _ = read_trace(parent.trace_path)
    slots = asyncio.Semaphore(AT_ONCE)

    async def in_turn(step: Awaitable[Any]) -> None:
        async with slots:
            await step

    by_question = {move.question_id: move for move in earlier.moves()}
    await asyncio.gather(
        *(in_turn(_again(event, by_question, context)) for event in events if event.node == "critique")
    )
    critiques = context.records.critiques(Phase.SEARCH, Role.SCOUT)
    moves = [
        move.model_copy(update={"status": "unscored", "detail": critiques[move.question_id].unscored})
        if move.status == "kept" and critiques[move.question_id].score is None
        else move
        for move in by_question.values()
    ]
    context.records.put_moves(moves)
    questions = context.records.questions()
    scored_questions = [
        scored_question(questions[move.question_id], critiques[move.question_id])
        for move in moves
        if move.status == "kept"
    ]
    context.frontier.learn(moves, scored_questions)
    context.memory.remember([memory_item(context.run_id, each, critiques.get(each.id)) for each in questions.values()])
    for event in events:
        if event.node in JUDGING[1:]:
            await _again(event, by_question, context)
        elif event.node not in JUDGING:
            context.trace.write(_renamed(event, manifest.run_id, context.run_id))
    return manifest.stop_reason


def _renamed(event: TraceEvent, old: str, new: str) -> TraceEvent:
    """An event of the run ``old`` as one of ``new``: what it says of that one's questions holds for these."""
    return TraceEvent.model_validate_json(event.model_dump_json().replace(old, new))


async def _again(event: TraceEvent, moves: Mapping[str, MoveRecord], context: RunContext) -> None:
    """One judging step of the parent, made again."""

    async def judge_again() -> StepResult:
        with context.pool.time_limit(context.settings.step_timeout):
            if event.node != "critique":
                return await _round_again(event, context)
            question = context.records.questions([event.question_id])[event.question_id]
            return await critique(MoveProgress(move=moves[event.question_id], question=question), context)

    place = Place(event.node, event.id, event.position, event.topic_id, event.question_id)
    await record_step(place, judge_again, context)


async def _round_again(event: TraceEvent, context: RunContext) -> StepResult:
    """A confirmation or the evaluation, on the answers that it brought."""
    ids = _judged_in(event)
    questions = context.records.questions(ids)
    phase = Phase.CONFIRM if event.node == "confirm" else Phase.EVALUATE
    groups = [Role.PANEL]
    if phase is Phase.EVALUATE and len(context.members(Role.EXAMINEE)) > 1:
        groups.append(Role.EXAMINEE)
    calls = await asyncio.gather(*(_measure_again(context, questions[each], phase, groups) for each in ids))
    data: dict[str, Any] = {"questions": ids}
    summary = event.summary
    if phase is Phase.CONFIRM:
        data["ranking"] = publish(context)
        summary = f"{count(len(ids), 'question')} confirmed, {len(data['ranking'])} in all"
    return StepResult(RunUpdate(), summary, data, tuple(chain(*calls)))


async def _measure_again(
    context: RunContext, question: Question, phase: Phase, groups: Sequence[Role]
) -> tuple[str, ...]:
    members = [member.id for group in (Role.PANEL, Role.EXAMINEE) for member in context.members(group)]
    recorded, _ = context.records.answers(question.id, [phase])
    answers = sorted(recorded, key=lambda answer: (members.index(answer.member), answer.sample))
    wording, judgements = await measurement.judge(context, question, answers)
    context.records.put_critiques(
        [
            measurement.criticise(context, question, answers, judgements, wording, phase=phase, group=group)
            for group in groups
        ]
    )
    return measurement.call_ids(answers, (wording, *judgements))
