"""The last step of a run: panel and examinees answer published questions and seeds, so that both can be compared."""

from __future__ import annotations

import asyncio
from itertools import chain

import numpy as np
from pydantic import TypeAdapter

from ...domain.answer import Phase
from ...domain.pool_spec import Role
from ...domain.question import Origin, Question
from ...domain.streams import Stream, generator
from .. import measurement
from ..drafting import now
from ..run_context import RunContext
from ..search.memory_items import memory_item
from ..search.recorded_readings import read_once
from ..search.remaining_budget import calls_left, check_members
from ..state import RunProgress, RunUpdate
from ..step import StepResult

SEED = "seed-"
"""Before a topic's id: the id of the topic as a question."""

_COUNT = TypeAdapter(int)
_COMPARED = TypeAdapter(tuple[list[str], list[str], str])


async def evaluate(state: RunProgress, context: RunContext) -> StepResult:
    """Panel and examinees answer published questions and as many seed questions, all afresh."""
    batch = state.confirmation_batch
    spent_before = read_once(context, f"evaluate {batch} from", [], _COUNT, lambda: context.ledger.total)
    grown_ids, seed_ids, reason = read_once(
        context, f"evaluate {batch}", [], _COMPARED, lambda: questions_to_compare(context)
    )
    if not grown_ids:
        return StepResult(RunUpdate(), f"nothing to compare: {reason}")
    grown = [context.frontier.scored[question_id].question for question_id in grown_ids]
    seeds = [seed_question(context, topic_id) for topic_id in seed_ids]
    # What is about to be asked is written down first: a run that is stopped here keeps what it has.
    context.records.put_questions(seeds)
    context.records.put_ids("evaluated_grown", [question.id for question in grown])
    context.records.put_ids("evaluated_seeds", [question.id for question in seeds])
    context.memory.remember([memory_item(context.run_id, question, None) for question in seeds])
    groups = [Role.PANEL, *([Role.EXAMINEE] if len(context.members(Role.EXAMINEE)) > 1 else [])]
    members = (*context.members(Role.PANEL), *context.members(Role.EXAMINEE))
    calls = await asyncio.gather(
        *(measurement.measure(context, question, members, Phase.EVALUATE, groups) for question in (*grown, *seeds))
    )
    check_members(context)
    data = {"questions": [question.id for question in (*grown, *seeds)]}
    summary = f"{len(grown)} grown and {len(seeds)} seed questions answered afresh"
    update = RunUpdate(other_calls=state.other_calls + context.ledger.total - spent_before)
    return StepResult(update, summary, data, tuple(chain(*calls)))


def questions_to_compare(context: RunContext) -> tuple[list[str], list[str], str]:
    """The published questions and the topics of the seeds that are compared, as many of each; or why there are none.

    Where a run is grown further, what was compared before comes first: it has been paid for.
    """
    rng = generator(context.settings.seed, Stream.COMPARED_QUESTIONS)
    published = context.records.ids("published")
    topics = fresh_topics(context, rng)
    before = [each for each in context.records.ids("evaluated_grown") if each in published]
    known = [each.removeprefix(SEED) for each in context.records.ids("evaluated_seeds")]
    topics = [*known, *(topic for topic in topics if topic not in known)]
    affordable = context.plan.affordable_evaluations(calls_left(context))
    count = min(len(published), len(topics), min(len(before), len(known)) + affordable)
    if count == 0:
        reason = f"{len(published)} published questions, {len(topics)} fresh seeds, calls for {affordable} of each"
        return [], [], reason
    order = [published[number] for number in rng.permutation(len(published))]
    chosen_topics = [*known[:count], *_claim_seeds(context, topics[len(known) :], count - len(known))]
    count = len(chosen_topics)
    chosen = {*[*before, *(each for each in order if each not in before)][:count]}
    return [each for each in published if each in chosen], chosen_topics, "" if count else "other runs ask every seed"


def _claim_seeds(context: RunContext, topic_ids: list[str], count: int) -> list[str]:
    """The first ``count`` topics whose seed no other run on this memory is about to ask; see ``NoveltyGate.claim``."""
    claimed: list[str] = []
    for topic_id in topic_ids:
        if len(claimed) >= count:
            break
        if context.gate.claim_words(memory_item(context.run_id, seed_question(context, topic_id), None)):
            claimed.append(topic_id)
    return claimed


def fresh_topics(context: RunContext, rng: np.random.Generator) -> list[str]:
    """The ids of the seed topics in random order, without those that a run on this memory has asked as they are."""
    topics = [context.frontier.topics[number] for number in rng.permutation(len(context.framework.topics))]
    return [topic.id for topic in topics if not context.memory.contains_text(topic.text)]


def seed_question(context: RunContext, topic_id: str) -> Question:
    """A seed topic, asked as it is."""
    topic = context.frontier.topic(topic_id)
    return Question(
        id=f"{SEED}{topic.id}",
        topic_id=topic.id,
        topic=topic.text,
        text=topic.text,
        fact=topic.fact,
        origin=Origin.SEED,
        created_at=now(),
        matter=topic.matter,
    )
