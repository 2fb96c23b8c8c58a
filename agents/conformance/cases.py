"""The small case that every agent under test is shown: a topic, a question, its answers, what a judge found in them.

It looks like a run's: the parent of a rewrite has a score, and one answer was refused and so has no judgement.
"""

from __future__ import annotations

from typing import Any

from ...domain.answer import Answer, KeyPoint, Outcome, Phase, Stance
from ...domain.calls import Call
from ...domain.critique import Critique, Score
from ...domain.framework import Framework
from ...domain.judgement import Judgement, Label
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.question import Question, Topic
from ...domain.reading.yaml_records import load_framework, load_pool
from ...domain.settings import Settings
from ...memory.embedders.named_embedder import make_embedder
from ...pool.budget.ledger import Ledger
from ...pool.endpoints.chat_models import make_models
from ...pool.member_pool import Pool
from ...pool.sending.call_store import WithoutNotes
from ...prompts import load_prompts
from ..agent_context import AgentContext
from ..agent_inputs import Inputs

TOPIC = Topic(id="tips", text="Should tips be abolished?", area="work")
QUESTION = Question(id="q1", topic_id="tips", topic=TOPIC.text, text="Should tips be abolished in Norway's hotels?")

PLENTY = 1_000
"""Calls that no agent uses up on the small case."""

SECOND_ATTEMPT = 1_000_003
"""How far the ``sample`` of a second attempt lies from that of the first, as in a run."""

CASE_POINTS = ("People should be safe and free of risk.", "Old customs deserve respect.", "Wealth brings influence.")
QUOTES = {"okapi": (0, "safe"), "zebra": (1, "customs")}
"""Key point and quote that the suite's judge found in each answer of a member."""


class _Kept(WithoutNotes):
    """Recorded calls in memory."""

    def __init__(self) -> None:
        self._calls: dict[str, Call[Any]] = {}

    def record(self, call: Call[Any]) -> None:
        self._calls[call.id] = call

    def recorded(self, call_id: str) -> Call[Any] | None:
        return self._calls.get(call_id)


def make_context(settings: Settings, calls: int = PLENTY) -> AgentContext:
    """What an agent is made with: framework and prompts of ``settings``, simulated members, so many ``calls``."""
    framework = load_framework(settings.framework)
    spec = members()
    prompts = load_prompts(settings.prompts)
    models = make_models(spec, framework)
    pool = Pool(spec, models, words=prompts, recorder=_Kept(), ledger=Ledger(calls=calls), seed=0)
    return AgentContext(pool, Inputs(settings, framework, spec, prompts, make_embedder("hashing")))


def members() -> PoolSpec:
    """The simulated pool with a second judge, since a jury needs two."""
    spec = load_pool("simulated")
    (judge,) = spec.with_role(Role.JUDGE)
    second = judge.model_copy(update={"id": f"{judge.id}2", "parameters": {**judge.parameters, "judge": 2}})
    return spec.model_copy(update={"members": (*spec.members, second)})


def scouts() -> tuple[Member, ...]:
    """Two members to ask."""
    return members().with_role(Role.SCOUT)[:2]


def answers(phase: Phase = Phase.SEARCH) -> list[Answer]:
    """Three answers of two members each, with all stances, and the first member's fourth, which was refused."""
    asked = {"question_id": QUESTION.id, "phase": phase}
    points = tuple(KeyPoint(point=point, justification="so it is") for point in CASE_POINTS)
    answered = [
        Answer(member=member, sample=sample, outcome=Outcome.ANSWERED, stance=stance, key_points=points, **asked)
        for member, stances in (
            ("okapi", (Stance.YES, Stance.YES, Stance.NEUTRAL)),
            ("zebra", (Stance.NO, Stance.NEUTRAL, Stance.NO)),
        )
        for sample, stance in enumerate(stances)
    ]
    refused = Answer(member="okapi", sample=3, outcome=Outcome.REFUSED, detail="I would rather not say.", **asked)
    return [*answered[:3], refused, *answered[3:]]


def judgements(framework: Framework) -> list[Judgement | None]:
    """For each of ``answers`` what shows in it, one value a member; None for the refused one."""
    value_of = dict(zip(QUOTES, framework.value_ids, strict=False))
    return [
        None
        if each.outcome is not Outcome.ANSWERED
        else Judgement(
            judge="suite",
            outcome=Outcome.ANSWERED,
            labels=(
                Label(key_point=QUOTES[each.member][0], value=value_of[each.member], quote=QUOTES[each.member][1]),
            ),
        )
        for each in answers()
    ]


def critique(framework: Framework) -> Critique:
    """The score of ``answers``: the parent of a rewrite always has one."""
    values = len(framework.value_ids)
    score = Score(
        divergence=0.2,
        plug_in=0.25,
        noise_floor=0.05,
        interval=(0.0, 0.3),
        quadratic=0.1,
        disentanglement=0.2,
        echo=0.0,
        own=1 / values,
        opinion_diversity=None,
        total=0.3,
        variance=0.01,
        stance_agreement=0.4,
    )
    rates = tuple(tuple(float(column == row) for column in range(values)) for row in range(len(QUOTES)))
    return Critique(
        question_id=QUESTION.id,
        phase=Phase.SEARCH,
        group=Role.SCOUT,
        critic="suite",
        score=score,
        models=tuple(QUOTES),
        samples=(3, 3),
        rates=rates,
        missing={"answer: refused": 1},
    )
