"""The jury: all of a pool's judges label independently, and a label holds by strict majority (METHOD.md section 4)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from ...domain.answer import Answer, Outcome
from ...domain.errors import InputError
from ...domain.framework import Framework
from ...domain.judgement import Judgement
from ...domain.pool_spec import PoolSpec, Role
from ...domain.question import Question
from ...domain.settings import Settings
from ..agent_context import AgentContext
from ..protocols import JudgeRequirements
from .llm_judge import LlmJudge, calls_per_answer


class JuryJudge:
    """Asks every member with the judge role, each blind and without knowledge of the others."""

    def __init__(self, context: AgentContext) -> None:
        check_jury(context.pool.spec)
        self._jurors = [LlmJudge(context, member) for member in context.pool.spec.with_role(Role.JUDGE)]

    @classmethod
    def requirements(cls, settings: Settings, pool: PoolSpec, framework: Framework) -> JudgeRequirements:
        """All of the pool's judges; see ``protocols.PlannedJudge``. Raises ``InputError`` as ``check_jury`` does."""
        check_jury(pool)
        jurors = pool.with_role(Role.JUDGE)
        return JudgeRequirements(
            members=jurors,
            per_answer=calls_per_answer(settings, framework) * len(jurors),
            per_question=len(jurors),
            name=_jury_name([juror.id for juror in jurors]),
            mode=settings.judge.mode,
        )

    @property
    def name(self) -> str:
        """The jurors' names, in the pool's order."""
        return _jury_name([juror.name for juror in self._jurors])

    async def judge(self, answer: Answer) -> Judgement:
        """The labels that hold, with each juror's own in ``votes``; see ``protocols.Judge``."""
        return verdict(self.name, await asyncio.gather(*(juror.judge(answer) for juror in self._jurors)))

    async def judge_question(self, question: Question) -> Judgement:
        """The same of a question's own wording; see ``protocols.Judge``."""
        return verdict(self.name, await asyncio.gather(*(juror.judge_question(question) for juror in self._jurors)))


def _jury_name(jurors: Sequence[str]) -> str:
    return f"jury of {', '.join(jurors)}"


def check_jury(pool: PoolSpec) -> None:
    """Raises ``InputError`` when the pool has fewer than two judges."""
    judges = pool.with_role(Role.JUDGE)
    if len(judges) < 2:
        raise InputError(
            f"agents.judge=jury needs two members with the role judge, and the pool {pool.name!r} has {len(judges)} — "
            "add one to the pool file, or set agents.judge=llm"
        )


def verdict(name: str, judgements: Sequence[Judgement]) -> Judgement:
    """What a strict majority of the jurors who answered says of each key point and value; a tie does not count.

    The quote is the first juror's who found the value. Missing only where no juror answered.
    """
    sat = [each for each in judgements if each.outcome is Outcome.ANSWERED]
    absent = [each for each in judgements if each.outcome is not Outcome.ANSWERED]
    quoted = {(label.key_point, label.value): label for each in reversed(sat) for label in reversed(each.labels)}
    votes = Counter(key for each in sat for key in {(label.key_point, label.value) for label in each.labels})
    calls = [call_id for each in judgements for call_id in each.call_ids]
    return Judgement(
        judge=name,
        outcome=Outcome.ANSWERED if sat else absent[0].outcome,
        labels=tuple(quoted[key] for key in sorted(votes) if 2 * votes[key] > len(sat)),
        dropped=sum(each.dropped for each in judgements),
        detail="; ".join(f"{each.judge}: {each.outcome.value} {each.detail}".strip() for each in absent),
        call_id=calls[0] if calls else "",
        more_call_ids=tuple(calls[1:]),
        votes={each.judge: each.labels for each in sat},
    )
