"""Pauses before steps: what a user is shown of the next one, and how they may respond.

The response is read from the outside world: it is kept with the run, so that a resumed run, a replay or a fork gets the
same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from langgraph.types import interrupt

from ..domain.errors import InputError
from ..domain.record import Record
from ..domain.texts.safe_text import one_line
from .run_context import Position, RunContext

Part = Literal["", "topic", "question"]
"""What of a step may be put in other words."""

EDITABLE: Mapping[str, Part] = {"propose": "topic", "novelty": "question"}
"""The topic before a question is drafted for it, the draft before it is checked and asked: later it has been asked."""

SKIPPABLE = ("propose", "refine", "novelty", "probe")
"""The steps whose move may be left out: nothing has been asked of the models yet."""


class Pause(Record):
    """What comes next: the step, what it is about, which text of it may be edited, whether its move may be skipped."""

    step: str
    position: Position
    node: str
    agent: str
    topic: str = ""
    question: str = ""
    editable: Part = ""
    skippable: bool = False


class PauseResponse(Record):
    """How the user responds to a pause; ``text`` takes the place of the editable one."""

    do: Literal["go", "skip", "edit", "stop"] = "go"
    text: str = ""


class Stepper(Protocol):
    """Asks the user before steps."""

    def pauses(self, node: str, agent: str) -> bool:
        """Whether to pause before this step; may change from one to the next."""
        ...

    def ask(self, pause: Pause) -> PauseResponse:
        """The user's response. Raises ``InputError`` when nobody is there to give one."""
        ...


class Stopped(Exception):
    """The user has stopped at a pause."""


def check_before(before: str | None, agents: Mapping[str, str]) -> None:
    """Raises ``InputError`` unless ``before`` names an agent or a node. ``agents``: by node."""
    known = dict.fromkeys([*agents.values(), *agents])
    if before is not None and before not in known:
        raise InputError(f"--before {before}: no agent or step is called so — choose one of {', '.join(known)}")


def response_before(pause: Pause, context: RunContext) -> PauseResponse:
    """How the user responds, or has responded, to this pause; "go" where nobody is asked."""
    key = f"said {pause.step}"
    body = context.records.reading(key) or context.read_before(key, at_the_start=False)
    if body is not None:
        context.records.put_reading(key, body)
        return PauseResponse.model_validate_json(body)
    if context.pauses is None or not context.pauses(pause.node, pause.agent):
        return PauseResponse()
    response = PauseResponse.model_validate(interrupt(pause.model_dump(mode="json")))
    if response.do == "edit" and not (pause.editable and one_line(response.text)):
        response = PauseResponse()
    if response.do == "skip" and not pause.skippable:
        response = PauseResponse()
    if response.do != "go":
        context.records.put_reading(key, response.model_dump_json())
    return response


def apply_edit(
    state: Mapping[str, Any], pause: Pause, response: PauseResponse
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The part of the state that an edit changes, and what the trace tells of it."""
    text = one_line(response.text)
    if pause.editable == "topic":
        return {"topic": text}, {"edited": "topic", "before": pause.topic, "after": text}
    question = {**state["question"], "text": text, "edited": True}
    return {"question": question}, {"edited": "question", "before": pause.question, "after": text}
