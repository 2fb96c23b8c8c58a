"""The refiner: reflects on why the models agreed or differed, then rewrites the question."""

from __future__ import annotations

from collections.abc import Sequence

from ...domain.pool_spec import Role
from ...domain.reply_types import RewriteReply, RewritesReply
from ...domain.texts.safe_text import one_line
from ..agent_context import AgentContext
from ..learning_words import LearningWords
from ..protocols import Draft, DraftText, Evidence
from .answer_lines import whole_answers


class ReflectRefiner:
    """Shows an author each model's key points, the values found in them and the named score terms."""

    def __init__(self, context: AgentContext) -> None:
        self._context = context
        self._authors = context.pool.spec.with_role(Role.AUTHOR)

    async def refine(self, evidence: Evidence, *, avoid: Sequence[str], sample: int) -> Draft:
        """One rewrite of ``evidence.question``; see ``protocols.Refiner``."""
        author = self._authors[sample % len(self._authors)]
        question = evidence.question
        words = LearningWords(self._context, "rewrites")
        prompt = self._context.prompts.render(
            "refine",
            words.more(evidence.examples),
            question=question.text,
            fact=question.fact,
            answers=whole_answers(evidence.answers, evidence.judgements),
            scores=scores_text(evidence),
            avoid="\n".join(avoid),
            values=self._context.values_text,
        )
        form: type[RewritesReply | RewriteReply] = RewritesReply if words.several else RewriteReply
        call = await self._context.pool.ask(author, prompt, form, purpose="refine", sample=sample)
        if call.reply is None:
            return Draft(author=author.id, call_id=call.id, problem=f"{call.outcome.value}: {call.detail}")
        texts = call.reply.questions if isinstance(call.reply, RewritesReply) else [call.reply.question]
        first, *others = map(one_line, texts[: words.drafts])
        return Draft(
            text=first,
            fact=question.fact,
            reflection=one_line(call.reply.reflection),
            author=author.id,
            call_id=call.id,
            alternatives=tuple(DraftText(text=text, fact=question.fact) for text in others),
        )


def scores_text(evidence: Evidence) -> str:
    """The named score terms, one a line."""
    score = evidence.critique.score
    if score is None:
        return "not scored"
    terms = {
        "divergence in bits (higher separates the models better)": score.divergence,
        "echo of the question's own values": score.echo,
        "own values": score.own,
    }
    return "\n".join(f"{name}: {value:.3f}" for name, value in terms.items())
