"""The second look of a model: a member is asked whether two similar questions are the same one."""

from __future__ import annotations

from ...domain.calls import Call
from ...domain.errors import InputError
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.reply_types import SamenessReply
from ...domain.settings import Settings
from ...prompts import PromptLibrary
from ..agent_context import AgentContext

LOOK_PROMPT = "same_question"

MOST_LOOKS = 3
"""Similar questions that a member is asked about for one candidate; those beyond are left to the rule."""


def check_model_look(settings: Settings, pool: PoolSpec, prompts: PromptLibrary) -> None:
    """Raises ``InputError`` where a model is to be asked, and there is none or no prompt for it."""
    if not looks_planned(settings):
        return
    if _first_author(pool) is None:
        raise InputError(
            f"novelty.second_look=model: the pool {pool.name!r} has recorded members alone, which cannot be asked — "
            "choose -s novelty.second_look=rule"
        )
    if LOOK_PROMPT not in prompts.templates:  # those of a run by an earlier version
        raise InputError(
            f"novelty.second_look=model: these prompts have no {LOOK_PROMPT!r} — name a set that does "
            "(--prompts default), or choose -s novelty.second_look=rule"
        )


def looks_planned(settings: Settings) -> int:
    """The most calls that the second look may take for one draft, without repairs."""
    return MOST_LOOKS if settings.novelty.second_look == "model" else 0


class ModelLook:
    """Asks the pool's first author, whoever wrote the questions.

    No judge is asked, so that a fork with other judges keeps the questions that it began with.
    """

    def __init__(self, context: AgentContext) -> None:
        self._context = context
        self._member = _first_author(context.pool.spec)

    async def same_question(self, first: str, second: str) -> Call[SamenessReply]:
        """The member's word; ``reply`` is None where there is none. The same pair is the same recorded call."""
        assert self._member is not None, "check_model_look comes before"
        prompt = self._context.prompts.render(LOOK_PROMPT, first=first, second=second)
        return await self._context.pool.ask(self._member, prompt, SamenessReply, purpose=LOOK_PROMPT, sample=0)


def _first_author(pool: PoolSpec) -> Member | None:
    return next((member for member in pool.with_role(Role.AUTHOR) if not member.recorded), None)
