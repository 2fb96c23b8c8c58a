"""The one wrapper around every node: it reads the state once, pauses where the user asked for it, times the step, and
leaves one trace event.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from langgraph.runtime import Runtime

from ..domain.texts.hiding import hide, known_keys
from ..records import TraceEvent
from .pauses import EDITABLE, SKIPPABLE, Pause, apply_edit, response_before
from .run_context import Position, RunContext, StepStarted
from .state import SKIPPED, MoveProgress, MoveState, RunProgress, RunState, StateUpdate

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


@dataclass(frozen=True)
class StepResult:
    """What a node hands back: the update of the state, and what the trace should tell of it."""

    update: StateUpdate
    summary: str
    data: Mapping[str, Any] = field(default_factory=dict)
    call_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Which step this is: its node, its id and position in the trace, and the topic and question that it is about."""

    node: str
    id: str
    position: Position
    topic_id: str = ""
    question_id: str = ""

    @property
    def agent(self) -> str:
        """Who is at work."""
        return AGENTS_OF_STEPS.get(self.node, "")


Progress = TypeVar("Progress", RunProgress, MoveProgress)


class Node(Protocol):
    """A node as LangGraph calls it."""

    def __call__(self, state: Any, *, runtime: Runtime[RunContext]) -> Awaitable[dict[str, Any]]:
        """The update of the state."""
        ...


def run_node(
    name: str, function: Callable[[RunProgress, RunContext], Awaitable[StepResult]], bound: RunContext | None = None
) -> Node:
    """``function`` as a node of the run's graph; with ``bound`` in the place of the invocation's context."""

    async def node(state: RunState, runtime: Runtime[RunContext]) -> dict[str, Any]:
        # Explore opens the next round; every other step belongs to the round that is under way.
        number = state.get("round", 0) + (name == "explore")
        # A round may end in one batch of confirmations and then in the last one.
        batch = state.get("wave", 0) + 1 if name == "confirm" else 0
        id = f"{number}.{name}" + (f".{batch}" if batch else "")
        place = Place(name, id, (number, STAGES[name], 0, batch))
        return await _step(place, dict(state), RunProgress, function, bound or runtime.context)

    return node


def move_node(
    name: str, function: Callable[[MoveProgress, RunContext], Awaitable[StepResult]], bound: RunContext | None = None
) -> Node:
    """``function`` as a node of the interrogation of one move; ``bound`` as for a node of the run."""

    async def node(state: MoveState, runtime: Runtime[RunContext]) -> dict[str, Any]:
        move = state["move"]
        visit = state.get("attempt", 0) + (name in ("propose", "refine"))
        id = f"{move['round']}.{move['dispatch']}.{name}" + (f".{visit}" if visit > 1 else "")
        # Steps of one move sort by visit, then by their order in the interrogation.
        position = (move["round"], MOVE_STAGE, move["dispatch"], visit * len(MOVE_NODES) + MOVE_NODES.index(name))
        place = Place(name, id, position, move["topic_id"], move["question_id"])
        return await _step(place, dict(state), MoveProgress, function, bound or runtime.context)

    return node


async def _step(
    place: Place,
    state: dict[str, Any],
    kind: type[Progress],
    function: Callable[[Progress, RunContext], Awaitable[StepResult]],
    context: RunContext,
) -> dict[str, Any]:
    """Asks the user where a pause is wanted, then carries out the node on the state as a record."""
    context = context.at(place.position)
    topic = state.get("topic") or _topic(place, context)
    # First of all: LangGraph runs a node that pauses again from its beginning.
    pause = _pause(place, state, topic)
    response = response_before(pause, context)
    changed: dict[str, Any] = {}
    by_hand: dict[str, Any] = {}
    if response.do == "edit":
        changed, by_hand = apply_edit(state, pause, response)
    progress = kind.model_validate({**state, **changed})
    if response.do == "skip" and isinstance(progress, MoveProgress):
        skip = StepResult(progress.end(SKIPPED, "by the user"), "skipped by the user")

        async def carry_out() -> StepResult:
            return skip

        by_hand = {"skipped": True}
    else:

        async def carry_out() -> StepResult:
            with context.pool.time_limit(context.settings.step_timeout):
                return await function(progress, context)

    return await record_step(place, carry_out, context, topic=topic, changed=changed, by_hand=by_hand)


async def record_step(
    place: Place,
    carry_out: Callable[[], Awaitable[StepResult]],
    context: RunContext,
    *,
    topic: str = "",
    changed: Mapping[str, Any] | None = None,
    by_hand: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Carries out one step, leaves its trace event, and returns the update of the state as plain data.

    ``topic`` is shown to listeners, by default that of the place; ``changed`` is what the user changed in the state
    before the step, ``by_hand`` what the trace tells of it.
    """
    context.on_start(StepStarted(place.id, place.node, place.agent, topic or _topic(place, context)))
    started, clock = datetime.now(UTC), time.perf_counter()
    step = await carry_out()
    update = {**(changed or {}), **step.update.plain()}
    context.trace.write(
        TraceEvent(
            id=place.id,
            position=place.position,
            node=place.node,
            agent=place.agent,
            topic_id=place.topic_id,
            question_id=place.question_id,
            summary=step.summary,
            data={**step.data, **({"by_hand": by_hand} if by_hand else {})},
            update=_traced_update(update),
            call_ids=step.call_ids,
            started_at=started.isoformat(timespec="milliseconds"),
            seconds=round(time.perf_counter() - clock, 6),
        )
    )
    cleaned: dict[str, Any] = _without_keys(update, known_keys())
    return cleaned


def _topic(place: Place, context: RunContext) -> str:
    return context.frontier.topic(place.topic_id).text if place.topic_id else ""


def _without_keys(value: Any, keys: tuple[str, ...]) -> Any:
    """What goes into the graph's state is in its checkpoints; an error's own words may be among it."""
    if not keys:
        return value
    if isinstance(value, str):
        return hide(value, keys)
    if isinstance(value, dict):
        return {name: _without_keys(each, keys) for name, each in value.items()}
    return [_without_keys(each, keys) for each in value] if isinstance(value, list) else value


def _traced_update(update: Mapping[str, Any]) -> dict[str, Any]:
    """What a step changed in the state; of a result its status, and no lists of moves or drafts, which its data has."""
    outcome = {key: value for key, value in update.items() if key not in ("moves", "results", "others")}
    if "question" in outcome:  # its time is the step's own
        outcome["question"] = {key: value for key, value in outcome["question"].items() if key != "created_at"}
    results = update.get("results")
    return {**outcome, "status": results[0]["status"]} if results else outcome


def _pause(place: Place, state: Mapping[str, Any], topic: str) -> Pause:
    return Pause(
        step=place.id,
        position=place.position,
        node=place.node,
        agent=place.agent,
        topic=topic,
        question=state.get("question", {}).get("text", ""),
        editable=EDITABLE.get(place.node, ""),
        skippable=place.node in SKIPPABLE,
    )
