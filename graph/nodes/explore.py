"""The policy chooses the round's moves, or there is a reason to stop."""

from __future__ import annotations

from ...agents.capabilities import drafting_of
from ...agents.policies.policy import Move
from ...domain.streams import Stream, generator
from ...domain.texts.counting import count
from ...records import MoveRecord
from ..run_context import RunContext
from ..search.lifecycle import retire_worn_out
from ..search.new_topics import look_for_new_ground
from ..search.remaining_budget import check_members, search_calls_left
from ..state import RunProgress, RunUpdate
from ..step import Step


async def explore(state: RunProgress, context: RunContext) -> Step:
    """Opens the next round. Where no topic is left, the explorer is asked for new ones."""
    check_members(context)
    number, settings = state.round + 1, context.settings
    retire_worn_out(context)
    left = search_calls_left(context, context.ledger.total - state.other_calls)
    stop = state.stop_reason
    if not stop and settings.budget.rounds is not None and number > settings.budget.rounds:
        stop = f"{count(settings.budget.rounds, 'round')} done"
    if not stop and left < context.plan.per_move:
        stop = "the search has spent its calls"
    if stop:
        return Step(RunUpdate(moves=(), results=None, stop_reason=stop), f"stop: {stop}")
    chosen, ground = _choose(context, number, left), None
    if not chosen:
        ground = await look_for_new_ground(context, number)
        context.frontier.extend(ground.topics)
        chosen = _choose(context, number, left)
    found = {} if ground is None else {"new_ground": ground.data}
    calls = () if ground is None else ground.call_ids
    if not chosen:
        over = "every topic was asked" if drafting_of(settings).one_each else "every topic is worn out"
        stop = over + (f", and {ground.problem}" if ground is not None and ground.problem else "")
        return Step(RunUpdate(moves=(), results=None, stop_reason=stop), f"stop: {stop}", found, calls)
    moves = tuple(_open_move(context, number, dispatch, move) for dispatch, move in enumerate(chosen, start=1))
    table = [
        {
            "kind": move.kind,
            "topic_id": move.topic_id,
            "parent_id": move.parent_id,
            "worth": each.worth,
            **each.reason,
        }
        for move, each in zip(moves, chosen, strict=True)
    ]
    data = {"policy": settings.search.policy, "table": table, "calls_left": left, **found}
    refining = sum(move.kind == "refine" for move in moves)
    summary = f"{len(moves) - refining} to propose, {refining} to refine"
    summary = summary if ground is None else f"{count(len(ground.topics), 'new topic')}; {summary}"
    return Step(RunUpdate(round=number, moves=moves, results=None), summary, data, calls)


def _open_move(context: RunContext, number: int, dispatch: int, move: Move) -> MoveRecord:
    return MoveRecord(
        round=number,
        dispatch=dispatch,
        kind=move.kind.value,
        topic_id=context.frontier.topics[move.topic].id,
        question_id=f"q{number:04d}-{dispatch:02d}",
        parent_id=None if move.parent is None else context.frontier.question_at(move.parent).question.id,
        status="open",
    )


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
