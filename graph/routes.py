"""Where the machine goes next: pure functions of the state."""

from __future__ import annotations

from langgraph.graph import END
from langgraph.types import Send

from .state import MoveState, RunState

# The run


def after_explore(state: RunState) -> list[Send] | str:
    """One branch a move; without moves the last confirmation."""
    return [Send("interrogate", {"move": move}) for move in state["moves"]] or "confirm"


def after_remember(state: RunState) -> str:
    """A batch of confirmations, at even distances in the search; otherwise the next round."""
    return "confirm" if state["confirming"] else "explore"


def after_confirm(state: RunState) -> str:
    """The last confirmation leads to the evaluation, an earlier one back to the search."""
    return "evaluate" if state.get("stop_reason") else "explore"


# The interrogation of one move


def first_step(state: MoveState) -> str:
    """An interrogation begins with the explorer or with the refiner."""
    return str(state["move"]["kind"])


def after_draft(state: MoveState) -> str:
    """A draft that failed ends the move; any other goes to the novelty gate."""
    return END if state.get("results") else "novelty"


def after_novelty(state: MoveState) -> str:
    """A new candidate is probed; a duplicate goes back to its author once, then ends the move."""
    if state.get("results"):
        return END
    return first_step(state) if state["refused"] else "probe"


def after_probe(state: MoveState) -> str:
    """The answers are criticised; a move that the user has skipped ends."""
    return END if state.get("results") else "critique"
