"""A run's questions as the memory knows them."""

from __future__ import annotations

from ...domain.critique import Critique
from ...domain.question import Question
from ...memory.items import Remembered
from ..run_context import RunContext


def memory_id(run_id: str, question_id: str) -> str:
    """A question's id in a memory that several runs share."""
    return f"{run_id}/{question_id}"


def memory_item(run_id: str, question: Question, critique: Critique | None) -> Remembered:
    """A question as the memory wants it."""
    score = None if critique is None else critique.score
    return Remembered(
        id=memory_id(run_id, question.id),
        text=question.text,
        fact=question.fact,
        topic_id=question.topic_id,
        topic=question.topic,
        run_id=run_id,
        score=None if score is None else score.total,
        divergence=None if score is None else score.divergence,
    )


def lineage(context: RunContext, question: Question) -> list[str]:
    """The memory's ids of the questions that ``question`` was rewritten from."""
    ids = []
    parent_id = question.parent_id
    while parent_id is not None:
        ids.append(memory_id(context.run_id, parent_id))
        parent_id = context.frontier.scored[parent_id].question.parent_id
    return ids
