"""Whether a class keeps the contract of a role: it is made and called with simulated models, on a small case.

The rules are those of ``protocols``. What the suite does not see: whether an agent is any good.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..domain.answer import Answer, KeyPoint, Outcome, Phase, Stance
from ..domain.calls import Call
from ..domain.critique import Critique
from ..domain.errors import AdaemError
from ..domain.judgement import Judgement, Label
from ..domain.loading import load_framework, load_pool
from ..domain.pool import Member, Role
from ..domain.question import Question, Topic
from ..domain.settings import Settings
from ..domain.text import one_line
from ..memory.embedders import make_embedder
from ..pool.ledger import Ledger
from ..pool.models import make_models
from ..pool.pool import Pool
from ..prompts import load_prompts
from .context import AgentContext
from .protocols import Draft, Evidence, Told

TOPIC = Topic(id="tips", text="Should tips be abolished?", area="work")
QUESTION = Question(id="q1", topic_id="tips", topic=TOPIC.text, text="Should tips be abolished in Norway's hotels?")
PLENTY = 1_000


@dataclass(frozen=True)
class Finding:
    """One rule of a role, and what is wrong: empty where it is kept."""

    method: str
    rule: str
    problem: str = ""


class _Kept:
    """Recorded calls in memory."""

    def __init__(self) -> None:
        self._calls: dict[str, Call[Any]] = {}

    def record(self, call: Call[Any]) -> None:
        self._calls[call.id] = call

    def recorded(self, call_id: str) -> Call[Any] | None:
        return self._calls.get(call_id)


@dataclass
class _Suite:
    """A class under test. ``make(calls)`` makes it anew with a budget of so many calls."""

    role: str
    found: Callable[[AgentContext], Any]
    findings: list[Finding] = field(default_factory=list)

    def context(self, calls: int = PLENTY) -> AgentContext:
        settings, framework, spec = Settings(), load_framework("schwartz"), load_pool("simulated")
        prompts = load_prompts("default")
        models = make_models(spec.members, framework)
        pool = Pool(spec, models, words=prompts, recorder=_Kept(), ledger=Ledger(calls=calls), seed=0)
        return AgentContext(pool, prompts, framework, settings, make_embedder("hashing"))

    def note(self, method: str, rule: str, problem: str = "") -> None:
        self.findings.append(Finding(method, rule, problem))

    async def call(self, method: str, rule: str, work: Callable[[], Any], expected: type) -> Any:
        """What ``work`` returns, None after noting that it raised or returned something else."""
        try:
            given = work()
            given = await given if inspect.isawaitable(given) else given
        except AdaemError as error:
            return self.note(method, rule, f"raised {type(error).__name__}: {one_line(str(error))}")
        except Exception as error:  # noqa: BLE001 - whatever the user's code does is told, and the next rule tried
            return self.note(method, rule, f"raised {type(error).__name__}: {one_line(str(error))}")
        if not isinstance(given, expected):
            return self.note(method, rule, f"returned {type(given).__name__}, not {expected.__name__}")
        return given


async def check_agent(role: str, found: Callable[[AgentContext], Any]) -> list[Finding]:
    """Every rule of ``role`` with what is wrong; ``found`` is the class (``registry.find_agent``)."""
    suite = _Suite(role, found)
    made = await suite.call("__init__", "is made with an AgentContext", lambda: found(suite.context()), object)
    if made is not None:
        suite.note("__init__", "is made with an AgentContext")
        await CHECKS[role](suite, made)
    return suite.findings


async def _explorer(suite: _Suite, agent: Any) -> None:
    told = [Told(text="Should tips be abolished in Rome?", score=0.1)]
    for best, avoid in (([], []), (told, [told[0].text])):
        work = partial(agent.propose, TOPIC, best=best, avoid=avoid, sample=0)
        draft = await suite.call("propose", "returns a draft", work, Draft)
        _check_draft(suite, "propose", draft)
    await _without_budget(suite, "propose", lambda agent: agent.propose(TOPIC, best=[], avoid=[], sample=1), Draft)


async def _refiner(suite: _Suite, agent: Any) -> None:
    evidence = Evidence(question=QUESTION, critique=_critique(), answers=tuple(_answers()), judgements=_judgements())
    draft = await suite.call(
        "refine", "returns a draft", lambda: agent.refine(evidence, avoid=[QUESTION.text], sample=0), Draft
    )
    _check_draft(suite, "refine", draft)
    if draft is not None and draft.text and len(draft.text) > 2 * len(QUESTION.text):
        suite.note("refine", "is not longer", f"{len(draft.text)} characters for a question of {len(QUESTION.text)}")
    await _without_budget(suite, "refine", lambda agent: agent.refine(evidence, avoid=[], sample=1), Draft)


async def _prober(suite: _Suite, agent: Any) -> None:
    members, samples = _scouts(suite), range(3, 5)

    def probe(agent: Any) -> Any:
        return agent.probe(QUESTION, members, phase=Phase.CONFIRM, samples=samples)

    for calls, rule in ((PLENTY, "returns an answer a member and sample"), (0, "the same when the budget is spent")):
        agent = agent if calls else suite.found(suite.context(0))
        answers = await suite.call("probe", rule, partial(probe, agent), tuple)
        if answers is None:
            continue
        wanted = [(member.id, sample, Phase.CONFIRM, QUESTION.id) for member in members for sample in samples]
        given = [(each.member, each.sample, each.phase, each.question_id) for each in answers]
        problem = "" if given == wanted else f"{len(given)} answers, of {len(wanted)} in the order member, sample"
        suite.note("probe", rule, problem)


async def _judge(suite: _Suite, agent: Any) -> None:
    name = getattr(agent, "name", None)
    suite.note("name", "is a text", "" if isinstance(name, str) and name else f"is {name!r}")
    values = set(suite.context().framework.value_ids)
    answer = _answers()[0]
    for method, texts, work in (
        ("judge", [point.text for point in answer.key_points], lambda agent: agent.judge(answer)),
        ("judge_question", [QUESTION.text, QUESTION.fact], lambda agent: agent.judge_question(QUESTION)),
    ):
        judgement = await suite.call(method, "returns a judgement", partial(work, agent), Judgement)
        if judgement is not None:
            suite.note(method, "returns a judgement")
            unknown = {label.value for label in judgement.labels} - values
            suite.note(method, "labels are values of the framework", f"{sorted(unknown)}" if unknown else "")
            loose = [label.quote for label in judgement.labels if not any(label.quote in text for text in texts)]
            suite.note(method, "quotes are verbatim", f"{loose[0]!r} is not in the text" if loose else "")
        await _without_budget(suite, method, work, Judgement)


async def _critic(suite: _Suite, agent: Any) -> None:
    answers, judgements = _answers(), _judgements()
    wording = Judgement(judge="suite", outcome=Outcome.ANSWERED)

    def critique(answers: Sequence[Answer], judgements: Sequence[Judgement | None], phase: Phase) -> Any:
        return agent.critique(QUESTION, answers, judgements, wording, phase=phase, group=Role.SCOUT, seed=1)

    rule = "returns a critique"
    first = await suite.call("critique", rule, lambda: critique(answers, judgements, Phase.SEARCH), Critique)
    if first is None:
        return
    suite.note("critique", rule)
    scored = first.score is not None
    suite.note("critique", "scores two models that answered twice", "" if scored else f"unscored: {first.unscored}")
    if scored and first.score.p_value is not None:
        suite.note("critique", "tests by permutation outside the search alone", "it did in the search")
    rule = "does not depend on the order"
    turned = partial(critique, answers[::-1], judgements[::-1], Phase.SEARCH)
    again = await suite.call("critique", rule, turned, Critique)
    if again is not None and scored:
        same = again.score is not None and abs(again.score.total - first.score.total) < 1e-9
        suite.note("critique", rule, "" if same else "the reversed answers have another total")
    for rule, few, judged in (
        ("one model alone is unscored", answers[:2], judgements[:2]),
        ("answers without a judgement are missing", answers, tuple(None for _ in answers)),
    ):
        alone = await suite.call("critique", rule, partial(critique, few, judged, Phase.SEARCH), Critique)
        if alone is not None:
            suite.note("critique", rule, "" if alone.score is None else "it has a score: missing is not zero")


CHECKS: dict[str, Callable[[_Suite, Any], Awaitable[None]]] = {
    "explorer": _explorer,
    "refiner": _refiner,
    "prober": _prober,
    "judge": _judge,
    "critic": _critic,
}


def _check_draft(suite: _Suite, method: str, draft: Draft | None) -> None:
    if draft is None:
        return
    suite.note(method, "returns a draft")
    if not draft.text and not draft.problem:
        suite.note(method, "has a text or a problem", "it has neither")
    elif not draft.problem:
        fits = draft.text == one_line(draft.text) and draft.text.endswith(("?", "？", "؟", ";"))
        suite.note(method, "is one line that asks", "" if fits else f"it is {draft.text[:60]!r}")


async def _without_budget(suite: _Suite, method: str, work: Callable[[Any], Any], expected: type) -> None:
    rule = "raises nothing when the budget is spent"
    given = await suite.call(method, rule, lambda: work(suite.found(suite.context(0))), expected)
    if given is not None:
        suite.note(method, rule)


def _scouts(suite: _Suite) -> tuple[Member, ...]:
    return suite.context().pool.spec.with_role(Role.SCOUT)[:2]


def _answers() -> list[Answer]:
    points = ("People should be safe and free of risk.", "Old customs deserve respect.", "Wealth brings influence.")
    return [
        Answer(
            question_id=QUESTION.id,
            member=member,
            phase=Phase.SEARCH,
            sample=sample,
            outcome=Outcome.ANSWERED,
            stance=stance,
            key_points=tuple(KeyPoint(point=point, justification="so it is") for point in points),
        )
        for member, stance in (("okapi", Stance.YES), ("zebra", Stance.NO))
        for sample in range(2)
    ]


def _judgements() -> tuple[Judgement | None, ...]:
    """The first model's answers show security, the second's tradition."""
    shown = {"okapi": (0, "security", "safe"), "zebra": (1, "tradition", "customs")}
    return tuple(
        Judgement(
            judge="suite",
            outcome=Outcome.ANSWERED,
            labels=(Label(key_point=place, value=value, quote=quote),),
        )
        for place, value, quote in (shown[answer.member] for answer in _answers())
    )


def _critique() -> Critique:
    return Critique(
        question_id=QUESTION.id, phase=Phase.SEARCH, group=Role.SCOUT, critic="suite", score=None, unscored="for a test"
    )
