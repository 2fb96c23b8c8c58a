"""The memory refuses a candidate that is too close to a question that was asked before."""

from __future__ import annotations

from pydantic import TypeAdapter

from ...memory.novelty import NoveltyVerdict
from ..drafting import ATTEMPTS
from ..run_context import RunContext
from ..search.memory_items import lineage, remembered
from ..search.recorded_readings import read_once
from ..state import MoveProgress, MoveUpdate
from ..step import Step

_VERDICT = TypeAdapter(NoveltyVerdict)


async def novelty(state: MoveProgress, context: RunContext) -> Step:
    """Lets a new candidate pass; a duplicate is sent back to its author once, then ends the move."""
    question = state.candidate
    verdict = read_once(
        context,
        f"novelty {question.id}.{state.attempt}",
        [question.text],
        _VERDICT,
        lambda: context.gate.claim(remembered(context.run_id, question, None), ignore=lineage(context, question)),
    )
    data = {"question": question.text, "verdict": verdict.model_dump(mode="json")}
    if verdict.novel:
        return Step(MoveUpdate(), "new", data)
    close = tuple(neighbour.text for neighbour in verdict.neighbours)
    nearest = f"{verdict.reason}: {close[0]}" if close else verdict.reason
    if state.attempt < ATTEMPTS:
        return Step(MoveUpdate(refused=True, avoid=close), f"sent back, {nearest}", data)
    return Step(state.end("duplicate", nearest), f"dropped, {nearest}", data)
