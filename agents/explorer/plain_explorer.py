"""The baseline: an author is asked for a controversial question on a topic, and told nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from ...domain.errors import InputError
from ...domain.pool_spec import Role
from ...domain.question import Topic
from ...domain.reply_types import ParaphraseReply
from ...domain.texts.safe_text import one_line
from ..agent_context import AgentContext
from ..protocols import Draft, ScoredExample

_PROMPT = "controversial"


class PlainExplorer:
    """What the search is to be compared with: no values, facts, examples or scores. Authors take turns.

    With the refiner ``none`` and the policy ``random`` it is the whole rival: a model's own idea of what divides.
    """

    def __init__(self, context: AgentContext) -> None:
        if _PROMPT not in context.prompts.templates:  # those of a run by an earlier version
            raise InputError("these prompts have none that asks for controversial questions — name a set that does")
        self._context = context
        self._authors = context.pool.spec.with_role(Role.AUTHOR)

    async def propose(self, topic: Topic, *, best: Sequence[ScoredExample], avoid: Sequence[str], sample: int) -> Draft:
        """One candidate; ``best`` is not shown."""
        author = self._authors[sample % len(self._authors)]
        prompt = self._context.prompts.render(_PROMPT, topic=topic.told, avoid="\n".join(avoid))
        call = await self._context.pool.ask(author, prompt, ParaphraseReply, purpose="propose", sample=sample)
        if call.reply is None:
            return Draft(author=author.id, call_id=call.id, problem=f"{call.outcome.value}: {call.detail}")
        return Draft(text=one_line(call.reply.question), author=author.id, call_id=call.id)
