"""The refiner: reflects on why the models agreed or differed, then rewrites the question."""

from __future__ import annotations

from collections.abc import Sequence

from ...domain.answer import Outcome
from ...domain.pool_spec import Role
from ...domain.reply_types import RewriteReply
from ...domain.texts.safe_text import one_line
from ..agent_context import AgentContext
from ..protocols import Draft, Evidence


class ReflectRefiner:
    """Shows an author each model's key points, the values found in them and the named score terms."""

    def __init__(self, context: AgentContext) -> None:
        self._context = context
        self._authors = context.pool.spec.with_role(Role.AUTHOR)

    async def refine(self, evidence: Evidence, *, avoid: Sequence[str], sample: int) -> Draft:
        """One rewrite of ``evidence.question``; see ``protocols.Refiner``."""
        author = self._authors[sample % len(self._authors)]
        question = evidence.question
        prompt = self._context.prompts.render(
            "refine",
            question=question.text,
            fact=question.fact,
            answers=answers_text(evidence),
            scores=scores_text(evidence),
            avoid="\n".join(avoid),
            values=self._context.values_text,
        )
        call = await self._context.pool.ask(author, prompt, RewriteReply, purpose="refine", sample=sample)
        if call.reply is None:
            return Draft(author=author.id, call_id=call.id, problem=f"{call.outcome.value}: {call.detail}")
        return Draft(
            text=one_line(call.reply.question),
            fact=question.fact,
            reflection=one_line(call.reply.reflection),
            author=author.id,
            call_id=call.id,
        )


def answers_text(evidence: Evidence) -> str:
    """One judged answer of each model, which stays unnamed, with the values that the judge found in it."""
    lines: list[str] = []
    names: dict[str, str] = {}
    for answer, judgement in zip(evidence.answers, evidence.judgements, strict=True):
        if answer.outcome is not Outcome.ANSWERED or answer.member in names or answer.stance is None:
            continue
        if judgement is None or judgement.outcome is not Outcome.ANSWERED:
            continue
        names[answer.member] = name = f"model {len(names) + 1}"
        values = ", ".join(sorted(judgement.values)) or "none"
        points = "; ".join(point.text for point in answer.key_points)
        lines.append(f"{name} ({answer.stance.value}; values: {values}): {points}")
    return "\n".join(lines)


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
