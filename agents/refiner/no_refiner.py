"""The refiner that rewrites nothing: for a search of proposals alone, or of questions that must stay as they are."""

from __future__ import annotations

from collections.abc import Sequence

from ..agent_context import AgentContext
from ..protocols import Draft, Evidence


class NoRefiner:
    """The search makes no refine moves with it: ``rewrites`` says so."""

    rewrites = False
    asks_models = False

    def __init__(self, context: AgentContext) -> None:
        """Needs nothing of ``context``."""

    async def refine(self, evidence: Evidence, *, avoid: Sequence[str], sample: int) -> Draft:
        """No draft."""
        return Draft(problem="the refiner 'none' rewrites nothing")
