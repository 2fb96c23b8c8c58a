"""A judge on its own, without a run: for checking it on labelled texts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..agents.agent_context import AgentContext
from ..agents.agent_inputs import Inputs
from ..agents.judges.judge_requirements import check_judge
from ..agents.protocols import Judge, JudgeRequirements
from ..agents.registry import make_agent
from ..domain.framework import Framework
from ..domain.pool_spec import PoolSpec, Role
from ..domain.settings import Settings
from ..memory.embedders.named_embedder import make_embedder
from ..pool.budget.ledger import Ledger
from ..pool.endpoints.chat_models import close_models, make_models
from ..pool.member_pool import Pool
from ..pool.sending.call_store import Unrecorded
from ..prompts import load_prompts


@asynccontextmanager
async def open_judge(
    settings: Settings, pool: PoolSpec, framework: Framework, notices: list[str] | None = None
) -> AsyncIterator[tuple[Judge, JudgeRequirements]]:
    """The judge that the settings name, over the judges of ``pool`` alone, and what it says that it needs.

    ``notices`` gets at the end what the user should know of the models that were asked. Raises ``InputError`` when it
    cannot judge with this pool.
    """
    needs = check_judge(settings, pool, framework).requirements
    # Only judges are asked: no other member's key is needed.
    judges = pool.with_role(Role.JUDGE) if needs.members else ()
    models = make_models(judges, framework)
    judge_spec = pool.model_copy(update={"members": judges})
    prompts = load_prompts(settings.prompts)
    judge_pool = Pool(judge_spec, models, words=prompts, recorder=Unrecorded(), ledger=Ledger(), seed=settings.seed)
    inputs = Inputs(settings, framework, judge_spec, prompts, make_embedder(settings.embedder))
    judge: Judge = make_agent("judge", settings.agents.judge, AgentContext(judge_pool, inputs))
    try:
        yield judge, needs
    finally:
        await close_models(models.values())
        if notices is not None:
            notices += judge_pool.notices
