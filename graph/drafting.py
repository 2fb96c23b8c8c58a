"""What proposals and rewrites share: what authors must avoid, whose turn it is, and what a draft leads to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from ..agents.protocols import Draft, DraftText
from ..domain.question import Question
from .run_context import RunContext
from .search.foresights import DraftOrder, ordered_drafts
from .search.recorded_readings import read_once
from .state import MoveProgress, MoveUpdate
from .step import StepResult

ATTEMPTS = 2
"""A duplicate is sent back once with the offending neighbours, then dropped."""

EARLIER_SHOWN = 5
"""How many of a topic's best questions, and how many remembered neighbours, an author is shown."""

_TEXTS = TypeAdapter(list[str])
_ORDER = TypeAdapter(DraftOrder)


def texts_to_avoid(context: RunContext, state: MoveProgress, text: str) -> list[str]:
    """What the author of the next draft is told not to repeat: what the last one came too close to, and the remembered
    neighbours of ``text``.
    """
    near = read_once(
        context,
        f"avoid {state.move.question_id}.{state.attempt + 1}",
        [text],
        _TEXTS,
        lambda: [neighbour.text for neighbour in context.memory.nearest([text], EARLIER_SHOWN)[0]],
    )
    return list(dict.fromkeys([*state.avoid, *near]))


def sample_number(context: RunContext, state: MoveProgress) -> int:
    """Another number for every draft of a run, so that no two share a recorded call, and the authors take turns.

    Neighbouring moves get neighbouring numbers; a second attempt lies an odd number further on, with another author.
    """
    number = (state.move.round - 1) * context.settings.search.moves_per_round + state.move.dispatch - 1
    return number + state.attempt * 1_000_003


def draft_step(
    context: RunContext, state: MoveProgress, draft: Draft, question: Question, data: dict[str, Any]
) -> StepResult:
    """The step that leaves ``draft`` as the candidate ``question``, or ends the move with the draft's problem.

    Of several drafts the surrogate says which is the candidate, and which come after it.
    """
    attempt = state.attempt + 1
    data = {**data, "draft": draft.model_dump(mode="json", exclude={"alternatives"})}
    calls = (draft.call_id,) if draft.call_id else ()
    if draft.problem:
        return StepResult(state.end("failed", draft.problem, attempt=attempt), draft.problem, data, calls)
    texts = [DraftText(text=draft.text, fact=draft.fact), *draft.alternatives]
    order = _order(context, state, [each.text for each in texts])
    candidates = [
        question.model_copy(update={"text": texts[place].text, "fact": texts[place].fact}) for place in order.places
    ]
    if len(texts) > 1:
        data["drafts"] = {
            "weight": order.weight,
            "table": [{"text": texts[place].text, "expected": order.expected[place]} for place in order.places],
        }
        data["draft"] |= texts[order.places[0]].model_dump()
    update = MoveUpdate(attempt=attempt, refused=False, question=candidates[0], others=tuple(candidates[1:]))
    return StepResult(update, candidates[0].text, data, calls)


def _order(context: RunContext, state: MoveProgress, texts: list[str]) -> DraftOrder:
    if len(texts) == 1:
        return DraftOrder(places=(0,), expected=(0.0,))
    return read_once(
        context,
        f"drafts {state.move.question_id}.{state.attempt + 1}",
        texts,
        _ORDER,
        lambda: ordered_drafts(context, texts, state.move.topic_id),
    )


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
