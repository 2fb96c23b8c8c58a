"""The judge: which values does a text express, and which words show it (METHOD.md section 4)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence

from ...domain.answer import KEY_POINTS, Answer, Outcome
from ...domain.calls import Call, Prompt
from ...domain.errors import InputError
from ...domain.framework import Framework
from ...domain.judgement import Judgement, Label
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.question import Question
from ...domain.reply_types import LabelReply, LabelsReply, ValueReply, labels_reply
from ...domain.settings import Settings
from ...domain.texts.counting import count
from ...domain.texts.safe_text import one_line
from ..agent_context import AgentContext
from ..protocols import JudgeRequirements


def first_judge(pool: PoolSpec) -> Member:
    """The member that labels where one does. Raises ``InputError`` for a pool without a judge."""
    if lacking := pool.lacks({Role.JUDGE: 1}):
        raise InputError(
            f"the pool {pool.name!r}, members: {lacking} — add one to the pool file, or judge with agents.judge=local"
        )
    return pool.with_role(Role.JUDGE)[0]


_NONE_CAME = (
    "{0} is asked for the log-probabilities of its tokens, and its endpoint returns none (or too few to read): its "
    "judgements hold labels alone"
)
_UNUSED = "{0} is asked for the log-probabilities of its tokens (logprobs), which serve with judge.mode=per_value alone"


def asks_logprobs(member: Member) -> bool:
    """Whether the pool file asks the member's endpoint for the log-probabilities of its tokens."""
    return member.parameters.get("logprobs") is True


def calls_per_answer(settings: Settings, framework: Framework) -> int:
    """Calls that one member takes for labelling one answer."""
    return KEY_POINTS * len(framework.values) if settings.judge.mode == "per_value" else 1


class LlmJudge:
    """One member labels answers, as the setting ``judge.mode`` says.

    ``joint``: one call labels all key points for all values. ``per_value``: one yes/no call for each key point and
    value, as in the paper; a question's own wording takes one call all the same. Blind: the prompt holds key points
    and nothing else of the answer. The member is the pool's first judge, unless another is given.

    With ``per_value``, and ``logprobs: true`` among the member's parameters, a judgement has probabilities, too: what
    the log-probabilities of "true" and "false" say of each key point, and of an answer that at least one of its key
    points expresses the value, as if these were independent.
    """

    def __init__(self, context: AgentContext, member: Member | None = None) -> None:
        self._context = context
        self._member = member or first_judge(context.pool.spec)
        self._value_ids = frozenset(context.framework.value_ids)
        self._reply = labels_reply(context.framework.value_ids)
        self._lacks_probabilities = False

    @classmethod
    def requirements(cls, settings: Settings, pool: PoolSpec, framework: Framework) -> JudgeRequirements:
        """The pool's first judge; see ``protocols.PlannedJudge``. Raises ``InputError`` for a pool without one."""
        first, others = first_judge(pool), pool.with_role(Role.JUDGE)[1:]
        unasked = (
            f"only the first judge, {first.id}, is asked, not {', '.join(judge.id for judge in others)}; "
            "agents.judge=jury asks them all"
        )
        return JudgeRequirements(
            members=(first,),
            per_answer=calls_per_answer(settings, framework),
            per_question=1,
            name=first.id,
            mode=settings.judge.mode,
            notices=(
                *((unasked,) if others else ()),
                *((_UNUSED.format(first.id),) if asks_logprobs(first) and settings.judge.mode != "per_value" else ()),
            ),
        )

    @property
    def name(self) -> str:
        """The judging member's id."""
        return self._member.id

    async def judge(self, answer: Answer) -> Judgement:
        """The labels of an answer's key points; see ``protocols.Judge``."""
        # One line each: a text that holds a line "2. …" must not pass for two.
        texts = [one_line(point.text) for point in answer.key_points]
        if self._context.settings.judge.mode == "per_value":
            return await self._label_each(texts, answer.sample)
        return await self._label("judge", texts, answer.sample)

    async def judge_question(self, question: Question) -> Judgement:
        """The values in a question's own wording; see ``protocols.Judge``."""
        texts = [question.text, question.fact] if question.fact else [question.text]
        return await self._label("judge_question", [one_line(text) for text in texts], 0)

    async def _label(self, name: str, texts: Sequence[str], sample: int) -> Judgement:
        prompt: Prompt = self._context.prompts.render(
            name,
            values=self._context.values_text,
            texts="\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1)),
        )
        call = await self._context.pool.ask(self._member, prompt, self._reply, purpose=name, sample=sample)
        return self._judgement([call], call.reply.labels if call.reply is not None else [], texts)

    async def _label_each(self, texts: Sequence[str], sample: int) -> Judgement:
        async def ask(text: str, line: str) -> Call[ValueReply]:
            prompt = self._context.prompts.render("judge_value", value=line, text=text)
            return await self._context.pool.ask(self._member, prompt, ValueReply, purpose="judge_value", sample=sample)

        pairs = [
            (number, value, line)
            for number in range(len(texts))
            for value, line in zip(self._context.framework.value_ids, self._context.value_lines, strict=True)
        ]
        calls = await asyncio.gather(*(ask(texts[number], line) for number, _, line in pairs))
        found = [
            LabelReply(text=number + 1, value=value, quote=call.reply.quote)
            for (number, value, _), call in zip(pairs, calls, strict=True)
            if call.reply is not None and call.reply.expresses
        ]
        judgement = self._judgement(calls, found, texts)
        chances = {(number, value): call.yes_probability for (number, value, _), call in zip(pairs, calls, strict=True)}
        return judgement.model_copy(update={"probabilities": self._probabilities(judgement, chances, len(texts))})

    def _probabilities(
        self, judgement: Judgement, chances: Mapping[tuple[int, str], float | None], texts: int
    ) -> dict[str, float]:
        """Of a whole answer, from those of its key points; empty where one is not known. Says so once."""
        if judgement.outcome is not Outcome.ANSWERED or not asks_logprobs(self._member):
            return {}
        known = {key: chance for key, chance in chances.items() if chance is not None}
        if len(known) < len(chances):
            if not self._lacks_probabilities:
                self._lacks_probabilities = True
                self._context.pool.notices.append(_NONE_CAME.format(self.name))
            return {}
        values = self._context.framework.value_ids
        return {value: round(1 - math.prod(1 - known[number, value] for number in range(texts)), 4) for value in values}

    def _judgement(
        self,
        calls: Sequence[Call[LabelsReply]] | Sequence[Call[ValueReply]],
        found: Sequence[LabelReply],
        texts: Sequence[str],
    ) -> Judgement:
        """One call that brought no answer leaves a value unknown, and so the whole judgement missing.

        So do labels of which none can be verified: whoever gave them found values, and which ones is not known.
        """
        labels = verified_labels(found, texts, self._value_ids)
        failed = [call for call in calls if call.outcome is not Outcome.ANSWERED]
        outcome, detail = Outcome.ANSWERED, ""
        if failed:
            outcome, detail = failed[0].outcome, failed[0].detail
            if len(calls) > 1:
                detail = f"{len(failed)} of {len(calls)} calls brought no answer: {detail}"
        elif found and not labels:
            outcome = Outcome.UNPARSABLE
            detail = f"none of {count(len(found), 'label')} is valid: the quote is not in the text, or no such value"
        first, *others = [call.id for call in calls]
        return Judgement(
            judge=self.name,
            outcome=outcome,
            labels=() if failed else labels,
            dropped=len(found) - len(labels),
            detail=detail,
            call_id=first,
            more_call_ids=tuple(others),
        )


def verified_labels(found: Sequence[LabelReply], texts: Sequence[str], value_ids: frozenset[str]) -> tuple[Label, ...]:
    """The labels whose value was offered and whose quote stands in the text that it is said to be from."""
    labels = []
    for label in found:
        quote = one_line(label.quote).strip("\"'“”‘’… ")
        in_range = 1 <= label.text <= len(texts)
        if in_range and label.value in value_ids and quote and quote in texts[label.text - 1]:
            labels.append(Label(key_point=label.text - 1, value=label.value, quote=quote))
    return tuple(labels)
