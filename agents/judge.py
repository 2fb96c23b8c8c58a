"""The judge: which values does a text express, and which words show it (METHOD.md section 4)."""

from __future__ import annotations

from collections.abc import Sequence

from ..domain.answer import Answer
from ..domain.calls import Prompt
from ..domain.judgement import Judgement, Label
from ..domain.pool import Role
from ..domain.question import Question
from ..domain.replies import LabelReply, LabelsReply
from ..domain.text import one_line
from .context import AgentContext


class LlmJudge:
    """One call labels all key points of one answer for all values (mode ``joint``).

    Blind: the prompt holds the key points and nothing else of the answer. The pool's first judge is asked.
    """

    def __init__(self, context: AgentContext) -> None:
        self._context = context
        self._member = context.pool.spec.with_role(Role.JUDGE)[0]
        self._value_ids = frozenset(context.framework.value_ids)

    @property
    def name(self) -> str:
        """The judging member's id."""
        return self._member.id

    async def judge(self, answer: Answer) -> Judgement:
        """The labels of an answer's key points; see ``protocols.Judge``."""
        texts = [point.text for point in answer.key_points]
        return await self._label("judge", texts, answer.sample)

    async def judge_question(self, question: Question) -> Judgement:
        """The values in a question's own wording; see ``protocols.Judge``."""
        texts = [question.text, question.fact] if question.fact else [question.text]
        return await self._label("judge_question", texts, 0)

    async def _label(self, name: str, texts: Sequence[str], sample: int) -> Judgement:
        # One line each: a text that holds a line "2. …" must not pass for two.
        texts = [one_line(text) for text in texts]
        prompt: Prompt = self._context.prompts.render(
            name,
            values=self._context.values_text,
            texts="\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1)),
        )
        call = await self._context.pool.ask(self._member, prompt, LabelsReply, purpose=name, sample=sample)
        found = call.reply.labels if call.reply is not None else []
        labels = verified_labels(found, texts, self._value_ids)
        return Judgement(
            judge=self.name,
            outcome=call.outcome,
            labels=labels,
            dropped=len(found) - len(labels),
            detail=call.detail,
            call_id=call.id,
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
