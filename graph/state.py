"""The graph's state: counters and the present round's items only, as plain data.

Whatever grows with the rounds lives in the run's records, so that a checkpoint costs the same in every round.
"""

from __future__ import annotations

from typing import Annotated, Any, TypedDict


def gather(present: list[dict[str, Any]], new: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Collects the branches' results in dispatch order; ``None`` empties the list for the next round."""
    return [] if new is None else [*present, *new]


class RunState(TypedDict, total=False):
    """One run. ``moves`` are the present round's, ``results`` what came of them.

    ``wave`` counts the confirmations so far, ``other_calls`` what they and the evaluation spent, ``confirming`` says
    that another is due; ``barren`` counts the moves in a row of which no question could be scored, ``idle`` the rounds
    in a row of which no question was kept. A ``stop_reason`` ends the search.
    """

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
    """One move on its way through the interrogation.

    ``move`` is a ``MoveRecord`` as a dict, ``question`` the candidate as a dict, ``avoid`` the neighbours that a
    refused draft came too close to, ``attempt`` counts drafts; ``refused`` says that the gate sent the latest one back.
    ``topic`` is set where the user has put the topic in other words.
    """

    move: dict[str, Any]
    question: dict[str, Any]
    avoid: list[str]
    attempt: int
    refused: bool
    topic: str
    results: list[dict[str, Any]]


class MoveOutput(TypedDict):
    """What an interrogation hands back to the run."""

    results: list[dict[str, Any]]
