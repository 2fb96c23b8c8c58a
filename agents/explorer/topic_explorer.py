"""The topic explorer: asks an author for one new fact and one specific question built on it."""

from __future__ import annotations

from collections.abc import Sequence

from ...domain.framework import Value
from ...domain.pool_spec import Role
from ...domain.question import Topic
from ...domain.reply_types import ProposalReply, ProposalsReply, TopicsReply
from ...domain.texts.safe_text import one_line
from ..agent_context import AgentContext, value_line
from ..learning_words import LearningWords
from ..protocols import Draft, DraftText, NewTopics, ScoredExample


class LlmExplorer:
    """Lets the pool's authors take turns."""

    def __init__(self, context: AgentContext) -> None:
        self._context = context
        self._authors = context.pool.spec.with_role(Role.AUTHOR)

    async def propose(self, topic: Topic, *, best: Sequence[ScoredExample], avoid: Sequence[str], sample: int) -> Draft:
        """One candidate for ``topic``; see ``protocols.Explorer``."""
        author = self._authors[sample % len(self._authors)]
        words = LearningWords(self._context, "proposals")
        own = [each for each in best if not each.topic and each.score is not None]
        prompt = self._context.prompts.render(
            "explore",
            words.more([each for each in best if each.topic]),
            topic=topic.told,
            best="\n".join(f"{each.score:.3f}\t{each.text}" for each in own),
            avoid="\n".join(avoid),
            values=self._context.values_text,
        )
        form: type[ProposalsReply | ProposalReply] = ProposalsReply if words.several else ProposalReply
        call = await self._context.pool.ask(author, prompt, form, purpose="propose", sample=sample)
        if call.reply is None:
            return Draft(author=author.id, call_id=call.id, problem=f"{call.outcome.value}: {call.detail}")
        replies = call.reply.drafts if isinstance(call.reply, ProposalsReply) else [call.reply]
        first, *others = (
            DraftText(text=one_line(each.question), fact=one_line(each.fact)) for each in replies[: words.drafts]
        )
        return Draft(text=first.text, fact=first.fact, author=author.id, call_id=call.id, alternatives=tuple(others))

    async def new_topics(
        self, values: Sequence[Value], covered: Sequence[str], *, count: int, sample: int
    ) -> NewTopics:
        """Topics on ``values``; see ``protocols.TopicExplorer``."""
        if "new_topics" not in self._context.prompts.templates:  # those of a run by an earlier version
            return NewTopics(problem="these prompts have none that asks for topics")
        author = self._authors[sample % len(self._authors)]
        prompt = self._context.prompts.render(
            "new_topics", values="\n".join(map(value_line, values)), covered="\n".join(covered), count=str(count)
        )
        call = await self._context.pool.ask(author, prompt, TopicsReply, purpose="new_topics", sample=sample)
        if call.reply is None:
            return NewTopics(author=author.id, call_id=call.id, problem=f"{call.outcome.value}: {call.detail}")
        topics = tuple(text for text in map(one_line, call.reply.topics) if text)
        return NewTopics(topics=topics[:count], author=author.id, call_id=call.id)
