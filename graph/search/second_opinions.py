"""What a model says of the remembered questions that a candidate is similar to, before the novelty gate decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from ...agents.guards.model_look import MOST_LOOKS
from ...memory.items import Neighbour
from ..run_context import RunContext
from .recorded_readings import read_once

_NEIGHBOURS = TypeAdapter(list[Neighbour])


@dataclass(frozen=True)
class SecondOpinions:
    """Whether remembered questions, by id, ask the same as the candidate; of the others nothing is known."""

    same: dict[str, bool] = field(default_factory=dict)
    call_ids: tuple[str, ...] = ()


async def second_opinions(context: RunContext, step: str, text: str, ignore: Sequence[str]) -> SecondOpinions:
    """Asks about the most similar ones, one after another, until one is the same. Without a model none is asked.

    A call without a reply leaves no opinion: the rule then decides about that pair.
    """
    look = context.agents.second_look
    if look is None:
        return SecondOpinions()
    near = read_once(
        context, f"similar {step}", [text], _NEIGHBOURS, lambda: context.gate.candidates(text, ignore=ignore)
    )
    same: dict[str, bool] = {}
    call_ids = []
    for each in near[:MOST_LOOKS]:
        call = await look.same_question(text, each.text)
        call_ids.append(call.id)
        if call.reply is not None:
            same[each.id] = call.reply.same
            if call.reply.same:
                break
    return SecondOpinions(same, tuple(call_ids))
