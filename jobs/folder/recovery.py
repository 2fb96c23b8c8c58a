"""A run that was stopped is put in order, and one that goes on is brought back to where its records are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...domain.answer import Phase
from ...domain.pool_spec import Role
from ...domain.question import Origin
from ...graph.publication import publish
from ...graph.run_context import RunContext
from ...graph.search.frontier import scored_question
from ...graph.search.memory_items import memory_id, memory_item
from ...graph.search.new_topics import known_new_topics
from ...records import RunRecords
from ..inputs import RunInputs, lengthen


def finalize_interrupted(context: RunContext) -> None:
    """Puts a run that was stopped in order: what was asked is remembered, what was confirmed is ranked."""
    questions = context.records.questions()
    critiques = context.records.critiques(Phase.SEARCH, Role.SCOUT)
    remembered_ids = {
        item.id for item in context.memory.get([memory_id(context.run_id, question_id) for question_id in questions])
    }
    context.memory.remember(
        [
            memory_item(context.run_id, question, critiques.get(question.id))
            for question in questions.values()
            if memory_id(context.run_id, question.id) not in remembered_ids
        ]
    )
    publish(context)


def rehydrate(context: RunContext) -> None:
    """Brings the frontier of a run that goes on to where its records are, and the memory back to there.

    A run that was stopped in mid-round has remembered that round's questions; they are about to be asked again.
    """
    context.frontier.extend(known_new_topics(context))
    moves = list(context.records.moves())
    questions = context.records.questions()
    critiques = context.records.critiques(Phase.SEARCH, Role.SCOUT)
    scored_questions = [
        scored_question(questions[move.question_id], critiques[move.question_id])
        for move in moves
        if move.status == "kept"
    ]
    context.frontier.learn(moves, scored_questions)
    finished = {move.question_id for move in moves}
    open_round = [
        each for each, question in questions.items() if each not in finished and question.origin != Origin.SEED
    ]
    context.memory.forget([memory_id(context.run_id, question_id) for question_id in open_round])


def extend_run(inputs: RunInputs, state: Mapping[str, Any], records: RunRecords, rounds: int) -> RunInputs:
    """The inputs of a finished run that searches ``rounds`` rounds more."""
    return lengthen(
        inputs,
        rounds=rounds,
        done=state["round"],
        spent=records.calls_spent(),
        other_calls=state.get("other_calls", 0),
        confirmed=len(records.critiques(Phase.CONFIRM, Role.PANEL)),
    )
