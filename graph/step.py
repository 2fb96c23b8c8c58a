"""The one wrapper around every node: it times the step, checks its update, and leaves one trace event."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, cast, get_type_hints

from langgraph.runtime import Runtime

from ..domain.texts.hiding import hide, known_keys
from ..records import MoveRecord, TraceEvent
from .pauses import EDITABLE, SKIPPABLE, Pause, edited, said_before
from .run_context import Position, RunContext, StepStarted
from .state import MoveState, RunState

STAGES = {"explore": 0, "remember": 2, "confirm": 3, "evaluate": 4}
"""Where the steps of a whole round sort; the moves' own steps lie between explore and remember."""

MOVE_STAGE = 1
MOVE_NODES = ("propose", "refine", "novelty", "probe", "critique", "failure")

AGENTS_OF_STEPS = {
    "explore": "policy",
    "propose": "explorer",
    "refine": "refiner",
    "novelty": "memory",
    "probe": "prober",
    "critique": "critic",
    "remember": "memory",
    "confirm": "prober",
    "evaluate": "prober",
}


SKIPPED = "skipped"
"""The status of a move that the user has left out."""


@dataclass(frozen=True)
class Step:
    """What a node hands back: the update of the state, and what the trace should tell of it."""

    update: Mapping[str, Any]
    summary: str
    data: Mapping[str, Any] = field(default_factory=dict)
    call_ids: tuple[str, ...] = ()


NodeFunction = Callable[[Any, RunContext], Awaitable[Step]]


class Node(Protocol):
    """A node as LangGraph calls it."""

    def __call__(self, state: Any, *, runtime: Runtime[RunContext]) -> Awaitable[dict[str, Any]]:
        """The update of the state."""
        ...


def run_node(name: str, function: NodeFunction, bound: RunContext | None = None) -> Node:
    """``function`` as a node of the run's graph; with ``bound`` in the place of the invocation's context."""
    known = set(get_type_hints(RunState, include_extras=True))

    async def node(state: RunState, runtime: Runtime[RunContext]) -> dict[str, Any]:
        # Explore opens the next round; every other step belongs to the round that is under way.
        number = state.get("round", 0) + (name == "explore")
        # A round may end in a wave of confirmation and then in the last one.
        wave = state.get("wave", 0) + 1 if name == "confirm" else 0
        place = f"{number}.{name}" + (f".{wave}" if wave else "")
        position = (number, STAGES[name], 0, wave)
        return await traced(name, function, state, bound or runtime.context, place, position, known, {})

    return node


def move_node(name: str, function: NodeFunction, bound: RunContext | None = None) -> Node:
    """``function`` as a node of the interrogation of one move; ``bound`` as for a node of the run."""
    known = set(get_type_hints(MoveState, include_extras=True))

    async def node(state: MoveState, runtime: Runtime[RunContext]) -> dict[str, Any]:
        move, visit = state["move"], state.get("attempt", 0) + (name in ("propose", "refine"))
        place = f"{move['round']}.{move['dispatch']}.{name}" + (f".{visit}" if visit > 1 else "")
        # Steps of one move sort by visit, then by their order in the interrogation.
        step = visit * len(MOVE_NODES) + MOVE_NODES.index(name)
        position = (move["round"], MOVE_STAGE, move["dispatch"], step)
        about = {"topic_id": move["topic_id"], "question_id": move["question_id"]}
        return await traced(name, function, state, bound or runtime.context, place, position, known, about)

    return node


async def traced(
    name: str,
    function: NodeFunction,
    state: Any,
    context: RunContext,
    place: str,
    position: Position,
    known: set[str],
    about: Mapping[str, str],
) -> dict[str, Any]:
    """Carries out one step at ``place`` of the trace, with what is at work at its ``position``, and leaves its event.

    ``known`` are the keys that it may update; ``about`` names topic and question of a move's step.
    """
    context = context.at(position)
    topic = state.get("topic") or (context.frontier.topic(about["topic_id"]).text if about else "")
    agent = AGENTS_OF_STEPS.get(name, "")
    # First of all: LangGraph runs a node that pauses again from its beginning.
    pause = _pause(name, agent, state, place, position, topic)
    said = said_before(pause, context)
    by_hand: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    if said.do == "edit":
        changed, by_hand = edited(state, pause, said)
        state = {**state, **changed}
    context.on_start(StepStarted(place, name, agent, topic))
    started, clock = datetime.now(UTC), time.perf_counter()
    if said.do == "skip":
        move = MoveRecord.model_validate({**state["move"], "status": SKIPPED, "detail": "by the user"})
        step, by_hand = Step({"results": [move.model_dump(mode="json")]}, "skipped by the user"), {"skipped": True}
    else:
        with context.pool.time_limit(context.settings.step_timeout):
            step = await function(state, context)
    if surplus := set(step.update) - known:
        # LangGraph drops undeclared keys in silence.
        raise KeyError(f"node {name!r} returned {sorted(surplus)}, which the state does not declare")
    context.trace.write(
        TraceEvent(
            id=place,
            position=position,
            node=name,
            agent=agent,
            summary=step.summary,
            data={**step.data, **({"by_hand": by_hand} if by_hand else {})},
            update=_told({**changed, **step.update}),
            call_ids=step.call_ids,
            started_at=started.isoformat(timespec="milliseconds"),
            seconds=round(time.perf_counter() - clock, 6),
            **about,
        )
    )
    return cast(dict[str, Any], _without_keys({**changed, **step.update}, known_keys()))


def _without_keys(value: Any, keys: tuple[str, ...]) -> Any:
    """What goes into the graph's state is in its checkpoints; an error's own words may be among it."""
    if not keys:
        return value
    if isinstance(value, str):
        return hide(value, keys)
    if isinstance(value, dict):
        return {name: _without_keys(each, keys) for name, each in value.items()}
    return [_without_keys(each, keys) for each in value] if isinstance(value, list) else value


def _told(update: Mapping[str, Any]) -> dict[str, Any]:
    """What a step changed in the state, without the lists of moves, which its data has; of a result its status."""
    told = {key: value for key, value in update.items() if key not in ("moves", "results")}
    if "question" in told:  # its time is the step's own
        told["question"] = {key: value for key, value in told["question"].items() if key != "created_at"}
    results = update.get("results")
    return {**told, "status": results[0]["status"]} if results else told


def _pause(name: str, agent: str, state: Any, place: str, position: Position, topic: str) -> Pause:
    return Pause(
        step=place,
        position=position,
        node=name,
        agent=agent,
        topic=topic,
        question=state.get("question", {}).get("text", ""),
        editable=EDITABLE.get(name, ""),
        skippable=name in SKIPPABLE,
    )
