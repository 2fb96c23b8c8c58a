"""A judge on its own, without a run: for checking it on labelled texts, or for texts that a program has."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from ..agents.agent_context import AgentContext
from ..agents.agent_inputs import Inputs
from ..agents.judges.judge_answers import judge_answers
from ..agents.judges.judge_requirements import check_judge
from ..agents.protocols import Judge, JudgeRequirements
from ..agents.registry import make_agent
from ..domain.answer import Answer, KeyPoint, Phase
from ..domain.framework import Framework
from ..domain.judgement import Judgement
from ..domain.pool_spec import PoolSpec, Role
from ..domain.settings import Settings
from ..domain.texts.safe_text import one_line
from ..memory.embedders.named_embedder import make_embedder
from ..pool.budget.ledger import Ledger
from ..pool.endpoints.chat_models import close_models, make_models
from ..pool.endpoints.endpoint import check_keys, unencrypted_notice
from ..pool.member_pool import Pool
from ..pool.replies.recorded_text import read_answer
from ..pool.sending.call_store import Unrecorded
from ..prompts import load_prompts
from ..records.recorded_answers import JUDGED_CHARACTERS


@asynccontextmanager
async def open_judge(
    settings: Settings, pool: PoolSpec, framework: Framework, notices: list[str] | None = None
) -> AsyncIterator[tuple[Judge, JudgeRequirements]]:
    """The judge that the settings name, over the judges of ``pool`` alone, and what it says that it needs.

    ``notices`` gets what the user should know of the models that are asked, most of it at the end. Raises
    ``InputError`` when it cannot judge with this pool.
    """
    needs = check_judge(settings, pool, framework).requirements
    # Only judges are asked: no other member's key is needed.
    judges = pool.with_role(Role.JUDGE) if needs.members else ()
    judge_spec = pool.model_copy(update={"members": judges})
    check_keys(judge_spec, settings.allowed_hosts)
    if notices is not None and (unencrypted := unencrypted_notice(judge_spec)):
        notices.append(unencrypted)
    models = make_models(judge_spec, framework)
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


async def judge_texts(
    texts: Sequence[str], settings: Settings, pool: PoolSpec, framework: Framework
) -> list[Judgement | None]:
    """The judgement of each text, as an import would judge it; None for one that brought nothing to judge."""
    async with open_judge(settings, pool, framework) as (judge, _):
        return await judge_answers(judge, [recorded_answer(f"text-{place}", text) for place, text in enumerate(texts)])


def recorded_answer(question_id: str, text: str) -> Answer:
    """A text alone as an answer: with its outcome by the rules of recorded ones, without thinking and wrapping."""
    read = read_answer(text)
    line = one_line(read.text)[:JUDGED_CHARACTERS]
    return Answer(
        question_id=question_id,
        member="",
        phase=Phase.EVALUATE,
        sample=0,
        outcome=read.outcome,
        key_points=(KeyPoint(point=line, justification=""),) if line else (),
        detail=read.detail,
    )
