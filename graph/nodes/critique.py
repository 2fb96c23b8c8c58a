"""The judge labels the answers and the critic scores the candidate."""

from __future__ import annotations

from ...domain.answer import Phase
from ...domain.pool_spec import Role
from .. import measurement
from ..run_context import RunContext
from ..state import MoveProgress
from ..step import Step


async def critique(state: MoveProgress, context: RunContext) -> Step:
    """Ends the move: its question is kept, or unscored for want of answers."""
    question = state.candidate
    answers, _ = context.records.answers(question.id, [Phase.SEARCH])
    wording, judgements = await measurement.judge(context, question, answers)
    result = measurement.criticise(
        context, question, answers, judgements, wording, phase=Phase.SEARCH, group=Role.SCOUT
    )
    context.records.put_critiques([result])
    calls = measurement.call_ids((), (wording, *judgements))
    data = {"critique": result.model_dump(mode="json", exclude={"rates"})}
    if result.score is None:
        return Step(state.end("unscored", result.unscored), f"unscored: {result.unscored}", data, calls)
    summary = f"divergence {result.score.divergence:+z.3f} bits, score {result.score.total:+z.3f}"
    return Step(state.end("kept"), summary, data, calls)
