"""The scouts answer the candidate."""

from __future__ import annotations

from ...domain.answer import Outcome, Phase
from ...domain.pool_spec import Role
from .. import measurement
from ..run_context import RunContext
from ..state import MoveProgress, MoveUpdate
from ..step import Step


async def probe(state: MoveProgress, context: RunContext) -> Step:
    """Stores the candidate, then its answers."""
    question = state.candidate
    context.records.put_questions([question])
    answers = await measurement.probe(context, question, context.members(Role.SCOUT), Phase.SEARCH)
    answered = sum(answer.outcome is Outcome.ANSWERED for answer in answers)
    return Step(
        MoveUpdate(),
        f"{answered} of {len(answers)} answered",
        {"question": question.text, "fact": question.fact},
        measurement.call_ids(answers, ()),
    )
