"""Puts a question in other words, to see whether a finding hangs on its wording."""

from __future__ import annotations

from collections.abc import Sequence

from ...domain.errors import InputError
from ...domain.pool_spec import Role
from ...domain.question import Question
from ...domain.reply_types import ParaphraseReply
from ...prompts import PromptLibrary
from ..agent_context import AgentContext
from ..guards.validate_draft import checked_draft
from ..protocols import Draft

ATTEMPTS = 2
"""An author that gives the same words back is asked once more."""

ATTEMPTS_AT_ANOTHER = 6
"""So often for a second paraphrase, which may come out as the first one."""


def check_paraphrasing(prompts: PromptLibrary) -> None:
    """Raises ``InputError`` where there is no prompt for it."""
    if "paraphrase" not in prompts.templates:  # those of a run by an earlier version
        raise InputError("these prompts have none that paraphrases — name a set that does, with --prompts default")


class Paraphraser:
    """Lets the pool's authors take turns."""

    def __init__(self, context: AgentContext) -> None:
        self._context = context
        self._authors = context.pool.spec.with_role(Role.AUTHOR)

    async def paraphrase(self, question: Question, number: int, *, which: int = 0, taken: Sequence[str] = ()) -> Draft:
        """The question in other words, or why there are none; ``number`` says whose turn it is.

        ``which`` tells the paraphrases of one question apart, and ``taken`` are the words of those that there are.
        """
        author = self._authors[number % len(self._authors)]
        prompt = self._context.prompts.render("paraphrase", original=question.text, fact=question.fact)
        draft = Draft(author=author.id)
        known = {text.casefold() for text in (question.text, *taken)}
        attempts = ATTEMPTS_AT_ANOTHER if which else ATTEMPTS
        for attempt in range(attempts):
            sample = which * ATTEMPTS_AT_ANOTHER + attempt
            call = await self._context.pool.ask(author, prompt, ParaphraseReply, purpose="paraphrase", sample=sample)
            draft = draft.model_copy(update={"call_id": call.id})
            if call.reply is None:
                return draft.model_copy(update={"problem": f"{call.outcome.value}: {call.detail}"})
            paraphrase = checked_draft(draft.model_copy(update={"text": call.reply.question}))
            if paraphrase.text.casefold() not in known:
                return paraphrase.model_copy(update={"fact": question.fact})
        return draft.model_copy(update={"problem": "the author gave the same words back"})
