"""What each agent must do to be swapped in. Contracts state semantics; the graph knows nothing else of an agent.

Agents never raise for what a model does, or for a spent budget: that is an outcome inside what they return.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from ..domain.answer import Answer, Phase
from ..domain.critique import Critique
from ..domain.framework import Value
from ..domain.judgement import Judgement
from ..domain.pool import Member, Role
from ..domain.question import Question, Topic
from ..domain.record import Record


class Draft(Record):
    """A candidate's text, or why there is none (``problem``). ``call_id`` points to the recorded call."""

    text: str = ""
    fact: str = ""
    reflection: str = ""
    author: str = ""
    call_id: str = ""
    problem: str = ""


class NewTopics(Record):
    """Topics that an explorer proposes, each on one line, or why there are none (``problem``)."""

    topics: tuple[str, ...] = ()
    author: str = ""
    call_id: str = ""
    problem: str = ""


class Told(Record):
    """A remembered question with its score, as it is told to an author."""

    text: str
    score: float | None = None


class Evidence(Record):
    """What the refiner sees of a question: each model's answers with the values that the judge found in them.

    ``judgements[k]`` belongs to ``answers[k]``, None where it was not answered.
    """

    question: Question
    critique: Critique
    answers: tuple[Answer, ...]
    judgements: tuple[Judgement | None, ...]


class Explorer(Protocol):
    """Proposes one new specific question for a topic.

    One that has a single question for each topic says so with ``one_each = True``: no topic is then drawn twice. One
    that asks no model says so with ``asks_models = False``: no calls are then planned for it.
    """

    async def propose(self, topic: Topic, *, best: Sequence[Told], avoid: Sequence[str], sample: int) -> Draft:
        """One candidate. ``best`` are the topic's best questions, best first; ``avoid`` must not be repeated."""
        ...


@runtime_checkable
class TopicExplorer(Protocol):
    """What an explorer offers besides if it can find topics of its own; without it a search ends with its topics."""

    async def new_topics(
        self, values: Sequence[Value], covered: Sequence[str], *, count: int, sample: int
    ) -> NewTopics:
        """Some ``count`` generic yes/no questions on ``values``, far from the ``covered`` topics."""
        ...


class Refiner(Protocol):
    """Rewrites one question so that it separates the models better.

    One that never rewrites says so with ``rewrites = False``; the search then makes no refine moves. ``asks_models`` as
    for an explorer.
    """

    async def refine(self, evidence: Evidence, *, avoid: Sequence[str], sample: int) -> Draft:
        """One rewrite: no new background, not longer, still one yes/no question. ``avoid`` must not be repeated."""
        ...


class Prober(Protocol):
    """Asks members one question."""

    async def probe(
        self, question: Question, members: Sequence[Member], *, phase: Phase, samples: range
    ) -> tuple[Answer, ...]:
        """``len(members) * len(samples)`` answers, by member and then sample, whatever their outcome."""
        ...


class Judge(Protocol):
    """Says which values a text expresses. Blind: it is never told who answered."""

    @property
    def name(self) -> str:
        """What the judge is called in records and reports."""
        ...

    async def judge(self, answer: Answer) -> Judgement:
        """The labels of an answered answer's key points. Quotes are verbatim substrings of them."""
        ...

    async def judge_question(self, question: Question) -> Judgement:
        """The values that the question's own wording (and fact) names or appeals to."""
        ...


class Critic(Protocol):
    """Turns answers and their judgements into a score. Pure: calls no model."""

    def critique(
        self,
        question: Question,
        answers: Sequence[Answer],
        judgements: Sequence[Judgement | None],
        question_judgement: Judgement,
        *,
        phase: Phase,
        group: Role,
        seed: int,
    ) -> Critique:
        """The score with all its terms. ``judgements[k]`` belongs to ``answers[k]``, None where it was not answered.

        Higher ``total`` is better. The result does not depend on the order of members or samples. Permutation tests
        are run in the confirm and evaluate phases only, with randomness from ``seed``. ``group`` is the role in which
        the members were asked.
        """
        ...
