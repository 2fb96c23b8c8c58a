"""The prober: asks members one question, all samples at once. Recorded members say what they have said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ...domain.answer import KEY_POINTS, Answer, KeyPoint, Phase
from ...domain.pool_spec import Member
from ...domain.question import Question
from ...domain.reply_types import AnswerReply
from ...domain.texts.safe_text import one_line
from ..agent_context import AgentContext
from .recordings import Recordings


class PoolProber:
    """Asks through the pool, which limits how many calls of a member are in flight."""

    def __init__(self, context: AgentContext) -> None:
        self._context = context
        spec = context.pool.spec
        recorded = any(member.recorded for member in spec.members)
        self._recordings = Recordings(context.settings, spec) if recorded else None

    async def probe(
        self, question: Question, members: Sequence[Member], *, phase: Phase, samples: range
    ) -> tuple[Answer, ...]:
        """All members' answers; see ``protocols.Prober``."""
        prompt = self._context.prompts.render("answer", question=question.text, fact=question.fact)

        async def ask(member: Member, sample: int) -> Answer:
            if self._recordings is not None and member.recorded:
                answer, taken = self._recordings.call(question, member, phase, sample)
                self._context.pool.take(taken)
                return answer
            call = await self._context.pool.ask(member, prompt, AnswerReply, purpose=phase.value, sample=sample)
            answer = Answer(
                question_id=question.id,
                member=member.id,
                phase=phase,
                sample=sample,
                outcome=call.outcome,
                detail=call.detail,
                call_id=call.id,
            )
            if call.reply is None:
                return answer
            points = tuple(
                KeyPoint(point=one_line(point.point), justification=one_line(point.justification))
                for point in call.reply.key_points[:KEY_POINTS]
            )
            return answer.model_copy(update={"stance": call.reply.stance, "key_points": points})

        return tuple(await asyncio.gather(*(ask(member, sample) for member in members for sample in samples)))
