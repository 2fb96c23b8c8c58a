"""What came of a round's moves goes into the records first, then into the memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import TypeAdapter

from ...agents.capabilities import drafting_of
from ...domain.answer import Phase
from ...domain.critique import Critique
from ...domain.errors import EndpointUnreachable, NotRecorded
from ...domain.pool_spec import Role
from ...domain.question import Question
from ...memory.novelty import NoveltyVerdict
from ...records import MoveRecord
from ..run_context import RunContext
from ..search.confirmation_rules import batches_due
from ..search.course_rules import reason_to_give_up
from ..search.frontier import scored_question
from ..search.memory_items import memory_item
from ..search.recorded_readings import read_once
from ..search.shortfalls import silent_member
from ..search.topic_standings import note_round
from ..state import UNREACHED, UNRECORDED, RunProgress, RunUpdate
from ..step import StepResult

_VERDICTS = TypeAdapter(list[NoveltyVerdict])


async def remember(state: RunProgress, context: RunContext) -> StepResult:
    """Ends the round: its questions are remembered, and the search is told whether to confirm or to stop."""
    if lacking := [move for move in state.results if move.status == UNRECORDED]:
        raise NotRecorded(lacking[0].detail)
    if unreached := [move for move in state.results if move.status == UNREACHED]:
        raise EndpointUnreachable(unreached[0].detail)
    ids = [move.question_id for move in state.results if move.status in ("kept", "unscored")]
    questions = context.records.questions(ids)
    critiques = context.records.critiques(Phase.SEARCH, Role.SCOUT, ids)
    doubled = _equal_in_round(context, state.round, [questions[each] for each in ids], critiques)
    moves = [
        move.model_copy(update={"status": "duplicate", "detail": doubled[move.question_id]})
        if move.question_id in doubled
        else move
        for move in state.results
    ]
    context.records.put_moves(moves)
    scored_questions = [
        scored_question(questions[move.question_id], critiques[move.question_id])
        for move in moves
        if move.status == "kept"
    ]
    context.frontier.learn(moves, scored_questions)
    context.memory.remember(
        [memory_item(context.run_id, questions[each], critiques.get(each)) for each in ids if each not in doubled]
    )
    note_round(context, state.round, moves)
    unscored = 0 if scored_questions else state.consecutive_unscored_moves + sum(map(_fruitless, moves))
    # Where a topic gives one question a shared memory may know a whole stretch of them; the topics are an end there.
    one_each = drafting_of(context.settings).one_each
    without_new = 0 if scored_questions or one_each else state.rounds_without_new_question + 1
    early = context.settings.search.early_confirmations
    due = batches_due(context.ledger.total - state.other_calls, context.plan.search, early) > state.confirmation_batch
    update = RunUpdate(
        consecutive_unscored_moves=unscored, rounds_without_new_question=without_new, confirmation_due=due
    )
    counts = Counter(move.status for move in moves)
    data = {"moves": [move.model_dump(mode="json") for move in moves], "calls_spent": context.ledger.total}
    summary = ", ".join(f"{counts[status]} {status}" for status in sorted(counts))
    silent = silent_member(context.records.outcomes_by_member())
    if stop := silent or reason_to_give_up(unscored, without_new, moves[-1].detail):
        return StepResult(update.model_copy(update={"stop_reason": stop}), f"{summary}; stop: {stop}", data)
    return StepResult(update, summary, data)


def _equal_in_round(
    context: RunContext, number: int, questions: Sequence[Question], critiques: dict[str, Critique]
) -> dict[str, str]:
    """The questions that equal an earlier one of the same round, and why: two branches cannot see each other's."""
    verdicts = read_once(
        context,
        f"remember {number}",
        [question.text for question in questions],
        _VERDICTS,
        lambda: list(
            context.gate.first_of_each(
                [memory_item(context.run_id, question, critiques.get(question.id)) for question in questions]
            )
        ),
    )
    return {
        question.id: f"{verdict.reason} to one of the same round"
        for question, verdict in zip(questions, verdicts, strict=True)
        if not verdict.novel
    }


def _fruitless(move: MoveRecord) -> bool:
    """Whether a move counts towards giving up. A duplicate proposal does not: its topic has others; a rewrite that is
    one was drawn from the same few best questions, and will be again.
    """
    return move.status in ("failed", "unscored") or (move.status == "duplicate" and move.kind == "refine")
