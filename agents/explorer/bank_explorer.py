"""The explorer that asks topics as they are: with the setting ``bank`` the questions of a fixed file."""

from __future__ import annotations

from collections.abc import Sequence

from ...domain.question import Topic
from ..agent_context import AgentContext
from ..protocols import Draft, ScoredExample


class BankExplorer:
    """Picks, and writes nothing: each topic is one question. Which is picked next is for the policy to say."""

    one_each = True
    asks_models = False

    def __init__(self, context: AgentContext) -> None:
        """Needs nothing of ``context``: the bank's questions stand in the place of the framework's topics."""

    async def propose(self, topic: Topic, *, best: Sequence[ScoredExample], avoid: Sequence[str], sample: int) -> Draft:
        """The topic's own words, and its fact if it has one."""
        return Draft(text=topic.text, fact=topic.fact, author="bank")
