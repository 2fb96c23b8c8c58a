"""The policy chooses the round's moves, or there is a reason to stop."""

from __future__ import annotations

from ...agents.capabilities import drafting_of
from ...agents.policies.policy import Move
from ...domain.streams import Stream, generator
from ...domain.texts.counting import count
from ...records import MoveRecord
from ..run_context import RunContext
from ..search.course_rules import SearchEnd, end_in_words, moves_of_round, search_end
from ..search.new_topics import propose_new_topics
from ..search.remaining_budget import check_members, search_calls_left
from ..search.topic_standings import retire_exhausted
from ..state import RunProgress, RunUpdate
from ..step import StepResult


async def explore(state: RunProgress, context: RunContext) -> StepResult:
    """Opens the next round. Where no topic is left, the explorer is asked for new ones."""
    check_members(context)
    number, settings = state.round + 1, context.settings
    retire_exhausted(context)
    left = search_calls_left(context, context.ledger.total - state.other_calls)
    stop = state.stop_reason
    if not stop and (end := search_end(settings, context.plan, state.round, left)) is not None:
        stop = end_in_words(end, settings)
    if stop:
        return StepResult(RunUpdate(moves=(), results=None, stop_reason=stop), f"stop: {stop}")
    chosen, asked = _choose(context, number, left), None
    if not chosen:
        asked = await propose_new_topics(context, number)
        context.frontier.extend(asked.topics)
        chosen = _choose(context, number, left)
    new_topics = {} if asked is None else {"new_ground": asked.data}
    calls = () if asked is None else asked.call_ids
    if not chosen:
        stop = end_in_words(SearchEnd.TOPICS, settings, one_each=drafting_of(settings).one_each)
        if asked is not None and asked.problem:
            stop += f", and {asked.problem}"
        return StepResult(RunUpdate(moves=(), results=None, stop_reason=stop), f"stop: {stop}", new_topics, calls)
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
    data = {"policy": settings.search.policy, "table": table, "calls_left": left, **new_topics}
    refining = sum(move.kind == "refine" for move in moves)
    summary = f"{len(moves) - refining} to propose, {refining} to refine"
    if asked is not None:
        summary = f"{count(len(asked.topics), 'new topic')}; {summary}"
    return StepResult(RunUpdate(round=number, moves=moves, results=None), summary, data, calls)


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
        1.0 / context.plan.per_answer,
        rewrites=drafting.rewrites,
        one_each=drafting.one_each,
    )
    rng = generator(context.settings.seed, Stream.SEARCH_POLICY, number)
    return context.agents.policy(view, moves_of_round(context.settings, context.plan, left), rng)
