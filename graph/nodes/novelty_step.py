"""The memory refuses a candidate that is too close to a question that was asked before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from ...domain.question import Question
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
    """Lets the first new one of a call's drafts pass; where all are duplicates, the author is asked once more, then the
    move ends.
    """
    related = lineage(context, state.candidate)
    calls: list[str] = []
    refused: list[tuple[Question, NoveltyVerdict]] = []
    # A draft that the user has put in other words stands for itself.
    for question in (state.candidate, *(() if state.candidate.edited else state.others)):
        step = f"{question.id}.{state.attempt}"
        opinions = await second_opinions(context, step, question.text, related)
        calls.extend(opinions.call_ids)
        verdict = read_once(
            context,
            f"novelty {step}",
            [question.text],
            _VERDICT,
            partial(
                context.gate.claim,
                memory_item(context.run_id, question, None),
                ignore=related,
                opinions=opinions.same,
            ),
        )
        if verdict.novel:
            update = MoveUpdate(question=question, others=()) if refused or state.others else MoveUpdate()
            return StepResult(update, "new", _data(question, verdict, refused), tuple(calls))
        refused.append((question, verdict))
    # The first one is what the author meant most.
    (question, verdict), *others = refused
    data = _data(question, verdict, others)
    close = tuple(dict.fromkeys(neighbour.text for _, each in refused for neighbour in each.neighbours))
    nearest = f"{verdict.reason}: {close[0]}" if close else verdict.reason
    if state.attempt < ATTEMPTS:
        return StepResult(MoveUpdate(refused=True, avoid=close), f"sent back, {nearest}", data, tuple(calls))
    return StepResult(state.end("duplicate", nearest), f"dropped, {nearest}", data, tuple(calls))


def _data(
    question: Question, verdict: NoveltyVerdict, others: Sequence[tuple[Question, NoveltyVerdict]]
) -> dict[str, Any]:
    data: dict[str, Any] = {"question": question.text, "verdict": verdict.model_dump(mode="json")}
    if others:
        data["duplicates"] = [{"question": each.text, "reason": why.reason} for each, why in others]
    return data
