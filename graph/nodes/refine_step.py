"""The refiner rewrites the move's parent question."""

from __future__ import annotations

from ...agents.guards.validate_draft import checked_draft
from ...agents.protocols import Evidence
from ...domain.answer import Phase
from ...domain.question import Origin
from ..drafting import draft_step, now, sample_number, texts_to_avoid
from ..run_context import RunContext
from ..search.contrasting_examples import contrasting_examples
from ..state import MoveProgress
from ..step import StepResult


async def refine(state: MoveProgress, context: RunContext) -> StepResult:
    """Shows the refiner the parent with its answers, what the judge saw in them, and its score."""
    assert state.move.parent_id is not None
    parent = context.frontier.scored[state.move.parent_id]
    answers, judgements = context.records.answers(parent.question.id, [Phase.SEARCH])
    # The refiner has the parent before it: it stands among the neighbours, and must differ from it anyway.
    avoid = [text for text in texts_to_avoid(context, state, parent.question.text) if text != parent.question.text]
    turn = sample_number(context, state)
    evidence = Evidence(
        question=parent.question,
        critique=parent.critique,
        answers=tuple(answers),
        judgements=tuple(judgements),
        examples=tuple(contrasting_examples(context, parent.question.topic_id, turn)),
    )
    returned = await context.agents.refiner.refine(evidence, avoid=list(avoid), sample=turn)
    draft = checked_draft(returned, rewritten=parent.question.text)
    question = parent.question.model_copy(
        update={
            "id": state.move.question_id,
            "text": draft.text,
            "origin": Origin.REFINE,
            "parent_id": parent.question.id,
            "depth": parent.question.depth + 1,
            "created_at": now(),
        }
    )
    data = {"parent": parent.question.text, "parent_score": parent.total}
    data |= {"examples": [each.text for each in evidence.examples], "avoid": avoid}
    return draft_step(context, state, draft, question, data)
