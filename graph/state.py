"""The graph's state: counters and the present round's items only.

Whatever grows with the rounds lives in the run's records, so that a checkpoint costs the same in every round. LangGraph
and the checkpoints hold plain data (``RunState``, ``MoveState``). The step wrapper reads it once, as ``RunProgress`` or
``MoveProgress``, and turns what a node returns, a ``RunUpdate`` or ``MoveUpdate``, into plain data again.
"""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from pydantic import BaseModel, ConfigDict, Field

from ..domain.question import Question
from ..domain.record import Whole
from ..records import MoveRecord

SKIPPED = "skipped"
"""The status of a move that the user has left out."""

UNRECORDED = "unrecorded"
"""The status of a move that needs a call which is not recorded, where nobody may be asked. It is never stored."""


UNREACHED = "unreached"
"""The status of a move whose endpoint was waited for in vain: the run stops. It is never stored."""

OPEN_ENDED = (UNRECORDED, UNREACHED)
"""Statuses of moves that are made again when the run goes on."""


def gather(present: list[dict[str, Any]], new: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Collects the branches' results in dispatch order; ``None`` empties the list for the next round."""
    return [] if new is None else [*present, *new]


class RunState(TypedDict, total=False):
    """A run as its checkpoints hold it: the plain form of ``RunUpdate``."""

    round: int
    moves: list[dict[str, Any]]
    results: Annotated[list[dict[str, Any]], gather]
    wave: int
    confirming: bool
    other_calls: int
    barren: int
    idle: int
    stop_reason: str


class MoveState(TypedDict, total=False):
    """A move as its checkpoints hold it: the plain form of ``MoveProgress`` and ``MoveUpdate``."""

    move: dict[str, Any]
    question: dict[str, Any]
    avoid: list[str]
    attempt: int
    refused: bool
    topic: str
    others: list[dict[str, Any]]
    results: list[dict[str, Any]]


class MoveOutput(TypedDict):
    """What an interrogation hands back to the run."""

    results: list[dict[str, Any]]


class StateUpdate(BaseModel):
    """The base of what a node returns: only the fields that are set change the state.

    Aliases are the names that the checkpoints of all versions use.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    def plain(self) -> dict[str, Any]:
        """The fields that are set, as the plain data that a checkpoint holds."""
        whole = self.model_dump(mode="json", by_alias=True)
        fields = type(self).model_fields
        changed = [field.alias or name for name, field in fields.items() if name in self.model_fields_set]
        return {name: whole[name] for name in changed}


class RunUpdate(StateUpdate):
    """What a step changes in the state of the run.

    ``moves`` are the present round's, ``results`` what came of them; None empties the results. ``confirmation_batch``
    counts the confirmations so far, ``confirmation_due`` says that another one is due, ``other_calls`` is what they and
    the evaluation spent. ``consecutive_unscored_moves`` counts the moves in a row of which no question could be scored,
    ``rounds_without_new_question`` the rounds in a row of which no question was kept. The ``stop_reason`` ends the
    search.
    """

    round: Whole = 0
    moves: tuple[MoveRecord, ...] = ()
    results: tuple[MoveRecord, ...] | None = ()
    confirmation_batch: Whole = Field(default=0, alias="wave")
    other_calls: Whole = 0
    consecutive_unscored_moves: Whole = Field(default=0, alias="barren")
    rounds_without_new_question: Whole = Field(default=0, alias="idle")
    confirmation_due: bool = Field(default=False, alias="confirming")
    stop_reason: str = ""


class RunProgress(RunUpdate):
    """The state of the run, whole: fields that no step has set yet have their defaults."""

    results: tuple[MoveRecord, ...] = ()


class MoveUpdate(StateUpdate):
    """What a step changes in the state of one move on its way through the interrogation.

    ``question`` is the candidate, ``others`` are the drafts of the same call that are tried where it is a duplicate, in
    this order. ``avoid`` are the neighbours that a refused draft came too close to, ``attempt`` counts
    drafts; ``refused`` says that the novelty gate sent the latest one back. ``topic`` is set where the user has put the
    topic in other words. ``results`` ends the move.
    """

    attempt: Whole = 0
    refused: bool = False
    question: Question | None = None
    others: tuple[Question, ...] = ()
    avoid: tuple[str, ...] = ()
    topic: str = ""
    results: tuple[MoveRecord, ...] = ()


class MoveProgress(MoveUpdate):
    """The state of one move, whole."""

    move: MoveRecord

    @property
    def candidate(self) -> Question:
        """The question that the move has drafted; only steps after a draft may ask for it."""
        assert self.question is not None
        return self.question

    def end(self, status: str, detail: str = "", *, attempt: int | None = None) -> MoveUpdate:
        """The update that ends the move with ``status``; ``attempt`` is set where the step has made another draft."""
        results = (self.move.model_copy(update={"status": status, "detail": detail}),)
        return MoveUpdate(results=results) if attempt is None else MoveUpdate(attempt=attempt, results=results)
