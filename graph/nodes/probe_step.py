"""The scouts answer the candidate."""

from __future__ import annotations

from collections import Counter

from ...domain.answer import Outcome, Phase
from ...domain.pool_spec import Role
from .. import measurement
from ..run_context import RunContext
from ..state import MoveProgress, MoveUpdate
from ..step import StepResult


async def probe(state: MoveProgress, context: RunContext) -> StepResult:
    """Stores the candidate, then its answers."""
    question = state.candidate
    context.records.put_questions([question])
    answers = await measurement.probe(context, question, context.members(Role.SCOUT), Phase.SEARCH)
    outcomes = Counter(answer.outcome.value for answer in answers)
    missing = {outcome: number for outcome, number in sorted(outcomes.items()) if outcome != Outcome.ANSWERED}
    counts = [f"{len(answers) - sum(missing.values())} of {len(answers)} answered"]
    return StepResult(
        MoveUpdate(),
        ", ".join([*counts, *(f"{number} {outcome}" for outcome, number in missing.items())]),
        {"question": question.text, "fact": question.fact, "missing": missing},
        measurement.call_ids(answers, ()),
    )
