"""The last net: what no agent and no node foresaw ends one move alone, and is told."""

from __future__ import annotations

from ..run_context import RunContext
from ..state import MoveProgress
from ..step import Step


async def failure(state: MoveProgress, context: RunContext, error: BaseException) -> Step:
    """Ends the move with the error's own words."""
    problem = f"{type(error).__name__}: {error}"
    return Step(state.end("failed", problem), f"failed, {problem}")
