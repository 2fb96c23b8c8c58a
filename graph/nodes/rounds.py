"""The nodes of a whole round: explore, remember, confirm, evaluate; and the routes between them."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import chain
from typing import Any

from langgraph.types import Send
from pydantic import TypeAdapter

from ...agents.capabilities import drafting_of
from ...agents.critic.answer_links import Judged, links
from ...agents.critic.divergence_critic import with_q_values
from ...agents.policies.policy import Move
from ...domain.answer import Phase
from ...domain.errors import NotRecorded
from ...domain.pool_spec import Role
from ...domain.streams import Purpose, Stream, derived_seed, generator
from ...domain.texts.counting import count
from ...memory.novelty import NoveltyVerdict
from ...records import MoveRecord
from ..run_context import RunContext
from ..search.confirmation_rules import confirmation_quota, next_to_confirm, ranking, waves_due
from ..search.frontier import scored
from ..search.lifecycle import note_round, retire_worn_out
from ..search.memory_items import remembered
from ..search.new_topics import look_for_new_ground
from ..search.recorded_readings import read_once
from ..search.remaining_budget import calls_left, check_members, search_calls_left
from ..state import RunState
from ..step import Step
from . import measure
from .interrogate import UNRECORDED

_VERDICTS, _IDS, _COUNT = TypeAdapter(list[NoveltyVerdict]), TypeAdapter(list[str]), TypeAdapter(int)

BARREN_MOVES = 20
"""The search stops when this many moves in a row, over whole rounds, brought no question that could be scored."""

IDLE_ROUNDS = 20
"""And when this many rounds in a row brought no question that was kept: duplicates alone would go on for thousands."""


async def explore(state: RunState, context: RunContext) -> Step:
    """The policy chooses the round's moves, or there is a reason to stop."""
    check_members(context)
    number, settings = state.get("round", 0) + 1, context.settings
    retire_worn_out(context)
    left = search_calls_left(context, context.ledger.total - state.get("other_calls", 0))
    cost = context.plan.per_move
    stop = state.get("stop_reason", "")
    if not stop and settings.budget.rounds is not None and number > settings.budget.rounds:
        stop = f"{count(settings.budget.rounds, 'round')} done"
    if not stop and left < cost:
        stop = "the search has spent its calls"
    if stop:
        return Step({"moves": [], "results": None, "stop_reason": stop}, f"stop: {stop}")
    chosen, ground = _choose(context, number, left), None
    if not chosen:
        ground = await look_for_new_ground(context, number)
        context.frontier.extend(ground.topics)
        chosen = _choose(context, number, left)
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
    found = {} if ground is None else {"new_ground": ground.data}
    calls = () if ground is None else ground.call_ids
    if not moves:
        over = "every topic was asked" if drafting_of(settings).one_each else "every topic is worn out"
        stop = over + (f", and {ground.problem}" if ground is not None and ground.problem else "")
        return Step({"moves": [], "results": None, "stop_reason": stop}, f"stop: {stop}", found, calls)
    table = [
        {key: move[key] for key in ("kind", "topic_id", "parent_id")} | {"worth": each.worth} | each.reason
        for move, each in zip(moves, chosen, strict=True)
    ]
    data = {"policy": settings.search.policy, "table": table, "calls_left": left, **found}
    refining = sum(move["kind"] == "refine" for move in moves)
    summary = f"{len(moves) - refining} to propose, {refining} to refine"
    summary = summary if ground is None else f"{count(len(ground.topics), 'new topic')}; {summary}"
    return Step({"round": number, "moves": moves, "results": None}, summary, data, calls)


def _choose(context: RunContext, number: int, left: int) -> list[Move]:
    """The policy's moves for round ``number``, with ``left`` calls for the search."""
    drafting = drafting_of(context.settings)
    view = context.frontier.view(
        left / context.plan.per_answer,
        context.plan.per_move / context.plan.per_answer,
        rewrites=drafting.rewrites,
        one_each=drafting.one_each,
    )
    rng = generator(context.settings.seed, Stream.SEARCH_POLICY, number)
    return context.agents.policy(view, min(context.settings.search.moves_per_round, left // context.plan.per_move), rng)


async def remember(state: RunState, context: RunContext) -> Step:
    """What came of the moves goes into the records first, then into the memory."""
    results = [MoveRecord.model_validate(result) for result in state["results"]]
    if lacking := [move for move in results if move.status == UNRECORDED]:
        raise NotRecorded(lacking[0].detail)
    asked = [move for move in results if move.status in ("kept", "unscored")]
    ids = [move.question_id for move in asked]
    questions, critiques = context.records.questions(ids), context.records.critiques(Phase.SEARCH, Role.SCOUT, ids)
    # Two branches of one round cannot see each other's candidates; the earlier one stays.
    verdicts = read_once(
        context,
        f"remember {state['round']}",
        [questions[question_id].text for question_id in ids],
        _VERDICTS,
        lambda: list(
            context.gate.first_of_each(
                [remembered(context.run_id, questions[question_id], critiques.get(question_id)) for question_id in ids]
            )
        ),
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
            remembered(context.run_id, questions[question_id], critiques.get(question_id))
            for question_id in ids
            if question_id not in doubled
        ]
    )
    note_round(context, state["round"], moves)
    barren = 0 if kept else state.get("barren", 0) + sum(map(_fruitless, moves))
    spent = context.ledger.total - state.get("other_calls", 0)
    due = waves_due(spent, context.plan.search)
    # Where a topic gives one question a shared memory may know a whole stretch of them; the topics are an end there.
    idle = 0 if kept or drafting_of(context.settings).one_each else state.get("idle", 0) + 1
    update: dict[str, Any] = {"barren": barren, "idle": idle, "confirming": due > state.get("wave", 0)}
    if barren >= BARREN_MOVES:
        update["stop_reason"] = f"{barren} moves in a row brought no question that could be scored ({moves[-1].detail})"
    elif idle >= IDLE_ROUNDS:
        update["stop_reason"] = f"{idle} rounds in a row brought no new question ({moves[-1].detail})"
    counts = Counter(move.status for move in moves)
    data = {"moves": [move.model_dump(mode="json") for move in moves], "calls_spent": context.ledger.total}
    summary = ", ".join(f"{counts[status]} {status}" for status in sorted(counts))
    if "stop_reason" in update:
        summary += f"; stop: {update['stop_reason']}"
    return Step(update, summary, data)


def _fruitless(move: MoveRecord) -> bool:
    """Whether a move counts towards giving up. A duplicate proposal does not: its topic has others; a rewrite that is
    one was drawn from the same few best questions, and will be again.
    """
    return move.status in ("failed", "unscored") or (move.status == "duplicate" and move.kind == "refine")


async def confirm(state: RunState, context: RunContext) -> Step:
    """The panel answers the best candidates afresh: some in each wave, the rest at the end. Then they are ranked."""
    final, wave = bool(state.get("stop_reason")), state.get("wave", 0) + 1
    found = context.frontier.scored
    # Chosen once: when the step is run again, some of the questions are confirmed and some calls are spent.
    spent_before = read_once(context, f"confirm {wave} from", [], _COUNT, lambda: context.ledger.total)
    chosen_ids = read_once(
        context,
        f"confirm {wave}",
        [],
        _IDS,
        lambda: next_to_confirm(
            [each.question.id for each in context.frontier.best()],
            context.records.critiques(Phase.CONFIRM, Role.PANEL).keys(),
            lambda question_id: found[question_id].question.topic_id,
            cap=context.settings.search.topic_cap,
            quota=confirmation_quota(context.plan.candidates, wave, final=final),
            affordable=(calls_left(context) - context.plan.evaluate) // context.plan.per_confirmation,
        ),
    )
    chosen = [found[question_id].question for question_id in chosen_ids]
    panel = context.members(Role.PANEL)
    calls = await asyncio.gather(
        *(measure.measure(context, question, panel, Phase.CONFIRM, [Role.PANEL]) for question in chosen)
    )
    check_members(context)
    ranked = publish(context)
    data = {"questions": chosen_ids, "ranking": ranked}
    update = {"wave": wave, "other_calls": state.get("other_calls", 0) + context.ledger.total - spent_before}
    return Step(update, f"{count(len(chosen), 'question')} confirmed, {len(ranked)} in all", data, tuple(chain(*calls)))


def publish(context: RunContext) -> list[dict[str, Any]]:
    """Ranks the confirmed questions on all samples pooled; their published scores are those of the fresh samples.

    Stores the q-values over all confirmed questions, the ranking (``confirmed``), which of them are linked to a better
    one that gets all but equal answers, and the first M that are not (``published``).
    """
    critiques = context.records.critiques(Phase.CONFIRM, Role.PANEL)
    context.records.put_critiques(with_q_values(list(critiques.values())))
    pooled: dict[str, float] = {}
    given: dict[str, Judged] = {}
    questions = context.records.questions(list(critiques))
    for question_id in (each for each, critique in critiques.items() if critique.score is not None):
        question = questions[question_id]
        answers, judgements = context.records.answers(question_id, [Phase.SEARCH, Phase.CONFIRM])
        given[question_id] = answers, judgements
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
    panel = [member.id for member in context.members(Role.PANEL)]
    seed = derived_seed(context.settings.seed, purpose=Purpose.SAME_ANSWERS)
    same = links(ranked, given, panel, context.framework.value_ids, seed)
    context.records.put_links(same)
    new = [question_id for question_id in ranked if question_id not in same]
    context.records.put_ids("published", new[: context.settings.questions])
    return [
        {"question": question_id, "pooled_score": pooled[question_id], "same_answers_as": same.get(question_id)}
        for question_id in ranked
    ]


def dispatch(state: RunState) -> list[Send] | str:
    """One branch a move; without moves the last confirmation."""
    return [Send("interrogate", {"move": move}) for move in state["moves"]] or "confirm"


def after_remember(state: RunState) -> str:
    """A wave of confirmation at each quarter of the search; otherwise the next round."""
    return "confirm" if state["confirming"] else "explore"


def after_confirm(state: RunState) -> str:
    """The last confirmation leads to the evaluation, a wave back to the search."""
    return "evaluate" if state.get("stop_reason") else "explore"
