"""What each agent must do to be swapped in. Contracts state semantics; the graph knows nothing else of an agent.

An agent is a class that is made with one argument, an ``AgentContext``: the pool to ask, the prompts to ask with, the
framework and its values, the settings, the run's embedder. ``await context.pool.ask(member, prompt, reply, purpose=...,
sample=...)`` asks a member of ``context.pool.spec`` for a reply of the given type (``domain/reply_types.py``) and
returns the recorded ``Call``, whose ``reply`` is None where its ``outcome`` is not "answered"; it raises nothing for
what a model does.

Agents never raise for what a model does, or for a spent budget: that is an outcome inside what they return. They do not
change what they are given, and do not block: many moves are under way at once. What is said here to be a flag is an
attribute of the class, since a run reads it before anything is made. ``adaem agents check`` tries these rules.

``sample`` is a number that differs between the calls for one topic, and so keeps their recorded calls apart. It is a
name, not a count: a second attempt has a far larger one (a million on), so do arithmetic with it modulo something.

Search policies and embedders are no agents: see ``policies/policy.py`` and ``memory/embedders/embedder.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ..domain.answer import Answer, Phase
from ..domain.critique import Critique
from ..domain.framework import Framework, Value
from ..domain.judge_accuracy import JudgeAccuracy
from ..domain.judgement import Judgement
from ..domain.pool_spec import Member, PoolSpec, Role
from ..domain.question import Question, Topic
from ..domain.record import Record
from ..domain.settings import Settings


class DraftText(Record):
    """A question and its fact, as in ``Draft``."""

    text: str
    fact: str = ""


class Draft(Record):
    """A candidate's text, or why there is none (``problem``). ``call_id`` points to the recorded call.

    ``text`` is one line that ends with a question mark; ``fact`` goes before it and is one line, too. The search checks
    that (``guards/validate_draft.py``): a draft that is no question is one with a problem. ``author`` says in the
    records who wrote it. With a ``problem`` the move has failed, whatever the text is.

    ``alternatives`` are other candidates from the same call, as many as ``settings.search.drafts`` less one at most:
    the search tries one of all. Those that are no questions are passed over.
    """

    text: str = ""
    fact: str = ""
    reflection: str = ""
    author: str = ""
    call_id: str = ""
    problem: str = ""
    alternatives: tuple[DraftText, ...] = ()


class NewTopics(Record):
    """Topics that an explorer proposes, or why there are none (``problem``).

    Each is one line that ends with a question mark; what does not is left out.
    """

    topics: tuple[str, ...] = ()
    author: str = ""
    call_id: str = ""
    problem: str = ""


class ScoredExample(Record):
    """A scored question, as it is told to an author.

    ``answers`` has a line for each model: its stance, the values found, its first reason. ``topic`` is empty where it
    is the topic that is written for.
    """

    text: str
    score: float | None = None
    answers: str = ""
    topic: str = ""


class Evidence(Record):
    """What the refiner sees of a question: each model's answers with the values that the judge found in them.

    ``judgements[k]`` belongs to ``answers[k]``, None where it was not answered: refused, say. ``critique.score`` is
    never None here: only questions that have a score are rewritten. ``examples`` are other questions that separated the
    models well, then some that did not.
    """

    question: Question
    critique: Critique
    answers: tuple[Answer, ...]
    judgements: tuple[Judgement | None, ...]
    examples: tuple[ScoredExample, ...] = ()


class JudgeRequirements(Record):
    """Whom a judge asks, how often, and how it does: what can be said of it before it is made.

    members        whom of the pool it asks
    per_answer     calls that one answer takes, of all of them together, without repairs
    per_question   calls that a question's own wording takes
    name           what the judge will be called, empty where only the judge itself knows
    mode           how it asks, as files of measured errors have it; empty where it asks no model
    reads_file     whether it reads the setting ``judge.file``
    notices        what a reader of its results must know
    accuracy       what the judge itself knows of its errors; the file of the setting ``judge.accuracy`` goes before
    """

    members: tuple[Member, ...] = ()
    per_answer: int = Field(default=0, ge=0)
    per_question: int = Field(default=0, ge=0)
    name: str = ""
    mode: str = ""
    reads_file: bool = False
    notices: tuple[str, ...] = ()
    accuracy: JudgeAccuracy | None = None


class Explorer(Protocol):
    """Proposes one new specific question for a topic.

    One that has a single question for each topic says so with the flag ``one_each = True``: no topic is then drawn
    twice. One that asks no model says so with the flag ``asks_models = False``: no calls are then planned for it.
    """

    async def propose(self, topic: Topic, *, best: Sequence[ScoredExample], avoid: Sequence[str], sample: int) -> Draft:
        """One candidate. ``best`` are the topic's best questions, best first; ``avoid`` must not be repeated.

        Behind them stand questions of other topics, which name theirs: some that separated the models well, then some
        that did not.

        A candidate that the memory finds too close to an earlier question is sent back once: a second attempt, with the
        questions that it was close to in ``avoid``.
        """
        ...


@runtime_checkable
class TopicExplorer(Protocol):
    """What an explorer offers besides if it can find topics of its own; without it a search ends with its topics."""

    async def new_topics(
        self, values: Sequence[Value], covered: Sequence[str], *, count: int, sample: int
    ) -> NewTopics:
        """Some ``count`` generic yes/no questions on ``values``, far from the ``covered`` topics.

        ``sample`` is the round's number.
        """
        ...


class Refiner(Protocol):
    """Rewrites one question so that it separates the models better.

    One that never rewrites says so with the flag ``rewrites = False``; the search then makes no refine moves. The flag
    ``asks_models`` is as for an explorer.
    """

    async def refine(self, evidence: Evidence, *, avoid: Sequence[str], sample: int) -> Draft:
        """One rewrite: no new background, not longer, still one yes/no question. ``avoid`` must not be repeated.

        Not longer is: at most ``guards.validate_draft.LENGTH_TOLERANCE`` times the characters. The rewrite must differ
        from ``evidence.question.text``, which does not stand in ``avoid``.
        """
        ...


class Prober(Protocol):
    """Asks members one question."""

    async def probe(
        self, question: Question, members: Sequence[Member], *, phase: Phase, samples: range
    ) -> tuple[Answer, ...]:
        """``len(members) * len(samples)`` answers, by member and then sample, whatever their outcome.

        Each has the question's id, its member's id, ``phase`` and one of ``samples``; one that was answered has
        exactly three key points, unless the member is recorded.
        """
        ...


class Judge(Protocol):
    """Says which values a text expresses. Blind: it is never told who answered.

    ``Judgement.judge`` should equal ``name``: reports and files of measured errors go by it. ``asks_models`` is as for
    an explorer. A judge that does not ask the pool's first judge, once for each answer and once for each question, says
    so as a ``PlannedJudge``.
    """

    @property
    def name(self) -> str:
        """What the judge is called in records and reports."""
        ...

    async def judge(self, answer: Answer) -> Judgement:
        """The labels of an answered answer's key points, counted from 0, of any phase and stance.

        A quote is a verbatim substring of the ``text`` of its key point, and not empty. The answers that reach a judge
        carry no ``member``, and whose they are must make no difference.
        """
        ...

    async def judge_question(self, question: Question) -> Judgement:
        """The values that the question's own wording (and fact) names or appeals to.

        Its texts are the question's, number 0, and its fact, number 1 where it has one.
        """
        ...


@runtime_checkable
class PlannedJudge(Protocol):
    """What a judge's class offers besides, so that plan, forecast and budget know whom it asks."""

    @classmethod
    def requirements(cls, settings: Settings, pool: PoolSpec, framework: Framework) -> JudgeRequirements:
        """Whom the judge asks under ``settings``. Raises ``InputError`` when it cannot judge with this pool."""
        ...


@runtime_checkable
class ScoringJudge(Protocol):
    """What a judge offers besides that has a score behind each label: then its AUC can be measured."""

    def scores(self, answers: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """How strongly each answer, given by its key points, expresses each of the framework's values, (N, d)."""
        ...


@runtime_checkable
class BatchJudge(Judge, Protocol):
    """What a judge offers besides that is faster at many answers in one pass than at one after the other."""

    async def judge_all(self, answers: Sequence[Answer]) -> list[Judgement]:
        """What ``Judge.judge`` returns for each of the answers, in their order."""
        ...


class Critic(Protocol):
    """Turns answers and their judgements into a score. Pure: calls no model.

    It runs in the search (on the scouts), in the confirmation (on the panel) and in an evaluation (on whoever is
    evaluated): with one critic all three are measured alike.
    """

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

        It bears the question's id, ``phase`` and ``group``, the role in which the members were asked. Higher ``total``
        is better; it and ``divergence`` are finite. ``score`` is None, never 0, where fewer than two models have
        answers that were judged. The result does not depend on the order of members or samples. Permutation tests are
        run in the confirm and evaluate phases only, with randomness from ``seed``.
        """
        ...
