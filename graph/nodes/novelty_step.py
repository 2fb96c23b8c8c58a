"""The memory refuses a candidate that is too close to a question that was asked before."""

from __future__ import annotations

from pydantic import TypeAdapter

from ...memory.novelty import NoveltyVerdict
from ..drafting import ATTEMPTS
from ..run_context import RunContext
from ..search.memory_items import lineage, memory_item
from ..search.recorded_readings import read_once
from ..search.second_opinions import second_opinions
from ..state import MoveProgress, MoveUpdate
from ..step import StepResult

_VERDICT = TypeAdapter(NoveltyVerdict)


async def novelty(state: MoveProgress, context: RunContext) -> StepResult:
    """Lets a new candidate pass; a duplicate is sent back to its author once, then ends the move."""
    question = state.candidate
    step, related = f"{question.id}.{state.attempt}", lineage(context, question)
    opinions = await second_opinions(context, step, question.text, related)
    verdict = read_once(
        context,
        f"novelty {step}",
        [question.text],
        _VERDICT,
        lambda: context.gate.claim(memory_item(context.run_id, question, None), ignore=related, opinions=opinions.same),
    )
    data = {"question": question.text, "verdict": verdict.model_dump(mode="json")}
    if verdict.novel:
        return StepResult(MoveUpdate(), "new", data, opinions.call_ids)
    close = tuple(neighbour.text for neighbour in verdict.neighbours)
    nearest = f"{verdict.reason}: {close[0]}" if close else verdict.reason
    if state.attempt < ATTEMPTS:
        return StepResult(MoveUpdate(refused=True, avoid=close), f"sent back, {nearest}", data, opinions.call_ids)
    return StepResult(state.end("duplicate", nearest), f"dropped, {nearest}", data, opinions.call_ids)
