"""The explorer drafts a new question for the move's topic."""

from __future__ import annotations

from ...agents.guards.validate_draft import checked_draft
from ...domain.question import Origin, Question
from ..drafting import EARLIER_SHOWN, draft_step, now, sample_number, texts_to_avoid
from ..run_context import RunContext
from ..search.contrasting_examples import contrasting_examples, own_examples
from ..state import MoveProgress
from ..step import StepResult


async def propose(state: MoveProgress, context: RunContext) -> StepResult:
    """Shows the explorer the topic, its best questions and what to avoid."""
    topic = context.frontier.topic(state.move.topic_id)
    if state.topic:
        topic = topic.model_copy(update={"text": state.topic})
    turn = sample_number(context, state)
    best = [*own_examples(context, topic.id, EARLIER_SHOWN), *contrasting_examples(context, topic.id, turn)]
    avoid = texts_to_avoid(context, state, topic.text)
    # An explorer is a stranger's code: it gets lists of its own.
    returned = await context.agents.explorer.propose(topic, best=list(best), avoid=list(avoid), sample=turn)
    draft = checked_draft(returned, given=topic.text)
    question = Question(
        id=state.move.question_id,
        topic_id=topic.id,
        topic=topic.text,
        text=draft.text,
        fact=draft.fact,
        origin=Origin.PROPOSE,
        created_at=now(),
        edited=bool(state.topic),
        matter=topic.matter,
    )
    return draft_step(
        context,
        state,
        draft,
        question,
        {
            "best": [each.text for each in best if not each.topic],
            "examples": [each.text for each in best if each.topic],
            "avoid": avoid,
        },
    )
