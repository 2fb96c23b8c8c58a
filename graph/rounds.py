"""The nodes of a whole round: explore, remember, confirm, evaluate; and the routes between them."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import chain
from typing import Any

import numpy as np
from langgraph.types import Send

from ..agents.critic import with_q_values
from ..domain.answer import Phase
from ..domain.critique import Critique
from ..domain.pool import Role
from ..domain.question import Origin, Question
from ..memory.items import Remembered
from ..records import MoveRecord
from . import measure
from .context import RunContext
from .decisions import confirmation_quota, next_to_confirm, ranking, waves_due
from .frontier import Scored
from .interrogate import memory_id, now
from .state import RunState
from .step import Step

BARREN_MOVES = 20
"""The search stops when this many moves in a row, over whole rounds, brought no question that could be scored."""


async def explore(state: RunState, context: RunContext) -> Step:
    """The policy chooses the round's moves, or there is a reason to stop."""
    number, settings = state.get("round", 0) + 1, context.settings
    left = context.plan.search - (context.ledger.total - state.get("confirm_calls", 0))
    cost = context.plan.per_move
    stop = state.get("stop_reason", "")
    if not stop and settings.budget.rounds is not None and number > settings.budget.rounds:
        stop = f"{settings.budget.rounds} rounds done"
    if not stop and left < cost:
        stop = "the search has spent its calls"
    if stop:
        return Step({"moves": [], "results": None, "stop_reason": stop}, f"stop: {stop}")
    view = context.frontier.view(left / context.plan.per_answer, cost / context.plan.per_answer)
    rng = np.random.default_rng([settings.seed, 1, number])
    chosen = context.agents.policy(view, min(settings.search.moves_per_round, left // cost), rng)
    moves = []
    for dispatch, move in enumerate(chosen, start=1):
        parent = None if move.parent is None else context.frontier.question_at(move.parent).question
        moves.append(
            MoveRecord(
                round=number,
                dispatch=dispatch,
                kind=move.kind.value,
                topic_id=context.frontier.topics[move.topic].id,
                question_id=f"q{number:04d}-{dispatch:02d}",
                parent_id=None if parent is None else parent.id,
                status="open",
            ).model_dump(mode="json")
        )
    if not moves:
        stop = "every topic is exhausted"
        return Step({"moves": [], "results": None, "stop_reason": stop}, f"stop: {stop}")
    table = [
        {key: move[key] for key in ("kind", "topic_id", "parent_id")} | {"worth": each.worth} | each.reason
        for move, each in zip(moves, chosen, strict=True)
    ]
    data = {"policy": settings.search.policy, "table": table, "calls_left": left}
    refining = sum(move["kind"] == "refine" for move in moves)
    summary = f"{len(moves) - refining} to propose, {refining} to refine"
    return Step({"round": number, "moves": moves, "results": None}, summary, data)


async def remember(state: RunState, context: RunContext) -> Step:
    """What came of the moves goes into the records first, then into the memory."""
    results = [MoveRecord.model_validate(result) for result in state["results"]]
    asked = [move for move in results if move.status in ("kept", "unscored")]
    ids = [move.question_id for move in asked]
    questions, critiques = context.records.questions(ids), context.records.critiques(Phase.SEARCH, Role.SCOUT, ids)
    # Two branches of one round cannot see each other's candidates; the earlier one stays.
    verdicts = context.gate.first_of_each(
        [remembered(context, questions[question_id], critiques.get(question_id)) for question_id in ids]
    )
    doubled = {
        question_id: f"{verdict.reason} to one of the same round"
        for question_id, verdict in zip(ids, verdicts, strict=True)
        if not verdict.novel
    }
    moves = [
        move.model_copy(update={"status": "duplicate", "detail": doubled[move.question_id]})
        if move.question_id in doubled
        else move
        for move in results
    ]
    context.records.put_moves(moves)
    kept = [scored(questions[move.question_id], critiques[move.question_id]) for move in moves if move.status == "kept"]
    context.frontier.learn(moves, kept)
    context.memory.remember(
        [
            remembered(context, questions[question_id], critiques.get(question_id))
            for question_id in ids
            if question_id not in doubled
        ]
    )
    barren = 0 if kept else state.get("barren", 0) + sum(move.status in ("failed", "unscored") for move in moves)
    spent = context.ledger.total - state.get("confirm_calls", 0)
    due = waves_due(spent, context.plan.search)
    update: dict[str, Any] = {"barren": barren, "confirming": due > state.get("wave", 0)}
    if barren >= BARREN_MOVES:
        update["stop_reason"] = f"no question could be scored for {barren} moves in a row ({moves[-1].detail})"
    counts = Counter(move.status for move in moves)
    data = {"moves": [move.model_dump(mode="json") for move in moves], "calls_spent": context.ledger.total}
    summary = ", ".join(f"{counts[status]} {status}" for status in sorted(counts))
    if "stop_reason" in update:
        summary += f"; stop: {update['stop_reason']}"
    return Step(update, summary, data)


def scored(question: Question, critique: Critique) -> Scored:
    """A kept question as the frontier wants it."""
    assert critique.score is not None
    return Scored(question, critique, critique.score.total, critique.score.variance or 1e-6)


def remembered(context: RunContext, question: Question, critique: Critique | None) -> Remembered:
    """A question as the memory wants it."""
    return Remembered(
        id=memory_id(context, question.id),
        text=question.text,
        topic_id=question.topic_id,
        topic=question.topic,
        run_id=context.run_id,
        score=None if critique is None or critique.score is None else critique.score.total,
    )


async def confirm(state: RunState, context: RunContext) -> Step:
    """The panel answers the best candidates afresh: some in each wave, the rest at the end. Then they are ranked."""
    final, wave, spent_before = bool(state.get("stop_reason")), state.get("wave", 0) + 1, context.ledger.total
    found = context.frontier.scored
    chosen_ids = next_to_confirm(
        [each.question.id for each in context.frontier.best()],
        context.records.critiques(Phase.CONFIRM, Role.PANEL).keys(),
        lambda question_id: found[question_id].question.topic_id,
        cap=context.settings.search.topic_cap,
        quota=confirmation_quota(context.plan.candidates, wave, final=final),
        affordable=(calls_left(context) - context.plan.evaluate) // context.plan.per_confirmation,
    )
    chosen = [found[question_id].question for question_id in chosen_ids]
    panel = context.members(Role.PANEL)
    calls = await asyncio.gather(
        *(measure.measure(context, question, panel, Phase.CONFIRM, [Role.PANEL]) for question in chosen)
    )
    ranked = publish(context)
    data = {"questions": chosen_ids, "ranking": ranked}
    update = {"wave": wave, "confirm_calls": state.get("confirm_calls", 0) + context.ledger.total - spent_before}
    return Step(update, f"{len(chosen)} questions confirmed, {len(ranked)} in all", data, tuple(chain(*calls)))


def publish(context: RunContext) -> list[dict[str, Any]]:
    """Ranks the confirmed questions on all samples pooled; their published scores are those of the fresh samples.

    Stores the q-values over all confirmed questions, the ranking (``confirmed``) and its first M (``published``).
    """
    critiques = context.records.critiques(Phase.CONFIRM, Role.PANEL)
    context.records.put_critiques(with_q_values(list(critiques.values())))
    pooled: dict[str, float] = {}
    for question_id in (each for each, critique in critiques.items() if critique.score is not None):
        question = context.frontier.scored[question_id].question
        answers, judgements = context.records.answers(question_id, [Phase.SEARCH, Phase.CONFIRM])
        wording = context.records.question_judgement(question_id)
        assert wording is not None
        # The pooled score only ranks: without a permutation test, as in the search.
        result = measure.criticise(
            context, question, answers, judgements, wording, phase=Phase.SEARCH, group=Role.PANEL
        )
        pooled[question_id] = result.score.total if result.score is not None else float("-inf")
    ranked = ranking(pooled)
    unscored = sorted(set(critiques) - set(ranked))
    context.records.put_ids("confirmed", [*ranked, *unscored])
    context.records.put_ids("published", ranked[: context.settings.questions])
    return [{"question": question_id, "pooled_score": pooled[question_id]} for question_id in ranked]


async def evaluate(state: RunState, context: RunContext) -> Step:
    """Panel and examinees answer published questions and as many seed questions, all afresh."""
    rng = np.random.default_rng([context.settings.seed, 2])
    published, seeds = context.records.ids("published"), fresh_seeds(context, rng)
    # A fiftieth is kept back for repairs.
    affordable = (calls_left(context) - calls_left(context) // 50) // context.plan.per_evaluation
    count = max(0, min(len(published), len(seeds), affordable))
    if context.plan.evaluated == 0 or count == 0:
        reason = (
            f"{len(published)} published questions, {len(seeds)} fresh seeds, calls for {max(0, affordable)} of each"
        )
        return Step({}, f"nothing to compare: {reason}")
    questions = context.frontier.scored
    grown = [questions[published[number]].question for number in sorted(rng.permutation(len(published))[:count])]
    seeds = seeds[:count]
    # What is about to be asked is written down first: a run that is stopped here keeps what it has.
    context.records.put_questions(seeds)
    context.records.put_ids("evaluated_grown", [question.id for question in grown])
    context.records.put_ids("evaluated_seeds", [question.id for question in seeds])
    context.memory.remember([remembered(context, question, None) for question in seeds])
    groups = [Role.PANEL, *([Role.EXAMINEE] if len(context.members(Role.EXAMINEE)) > 1 else [])]
    members = (*context.members(Role.PANEL), *context.members(Role.EXAMINEE))
    calls = await asyncio.gather(
        *(measure.measure(context, question, members, Phase.EVALUATE, groups) for question in (*grown, *seeds))
    )
    data = {"questions": [question.id for question in (*grown, *seeds)]}
    summary = f"{len(grown)} grown and {len(seeds)} seed questions answered afresh"
    return Step({}, summary, data, tuple(chain(*calls)))


def fresh_seeds(context: RunContext, rng: np.random.Generator) -> list[Question]:
    """The seed topics, asked as they are, in random order; without those that a run on this memory has asked."""
    topics = [context.frontier.topics[number] for number in rng.permutation(len(context.frontier.topics))]
    return [
        Question(
            id=f"seed-{topic.id}",
            topic_id=topic.id,
            topic=topic.text,
            text=topic.text,
            origin=Origin.SEED,
            created_at=now(),
        )
        for topic in topics
        if not context.memory.contains_text(topic.text)
    ]


def settle(context: RunContext) -> None:
    """Puts a run that was stopped in order: what was asked is remembered, what was confirmed is ranked."""
    asked = context.records.questions()
    critiques = context.records.critiques(Phase.SEARCH, Role.SCOUT)
    known = {item.id for item in context.memory.get([memory_id(context, question_id) for question_id in asked])}
    context.memory.remember(
        [
            remembered(context, question, critiques.get(question.id))
            for question in asked.values()
            if memory_id(context, question.id) not in known
        ]
    )
    publish(context)


def calls_left(context: RunContext) -> int:
    """What the budget still allows."""
    return context.plan.total - context.ledger.total


def dispatch(state: RunState) -> list[Send] | str:
    """One branch a move; without moves the last confirmation."""
    return [Send("interrogate", {"move": move}) for move in state["moves"]] or "confirm"


def after_remember(state: RunState) -> str:
    """A wave of confirmation at each quarter of the search; otherwise the next round."""
    return "confirm" if state["confirming"] else "explore"


def after_confirm(state: RunState) -> str:
    """The last confirmation leads to the evaluation, a wave back to the search."""
    return "evaluate" if state.get("stop_reason") else "explore"
