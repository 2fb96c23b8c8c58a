"""The rules that ``adaem agents check`` tries, one broken class each; and good classes, which keep them all."""

from __future__ import annotations

import asyncio
import random
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from adaem.agents.conformance import case_runner as conformance_suite
from adaem.agents.conformance.check import check_agent
from adaem.agents.critic.divergence_critic import DivergenceCritic
from adaem.agents.prober.member_prober import PoolProber
from adaem.agents.protocols import Draft, NewTopics
from adaem.domain.answer import Outcome, Phase
from adaem.domain.judgement import Judgement, Label

Maker = Callable[..., Any]


def problems(role: str, found: Any) -> list[str]:
    return [
        f"{each.method}: {each.rule}: {each.problem}" for each in asyncio.run(check_agent(role, found)) if each.problem
    ]


class Explorer:
    asks_models = False

    def __init__(self, context: Any) -> None: ...

    async def propose(self, topic: Any, *, best: Any, avoid: Any, sample: int) -> Any:
        return self.proposed(topic, best, avoid, sample)

    def proposed(self, topic: Any, best: Any, avoid: Any, sample: int) -> Any:
        return Draft(text=f"In village {sample % 40}, {topic.text[0].lower()}{topic.text[1:]}")


def proposing(body: Maker) -> type:
    return type("Own", (Explorer,), {"proposed": lambda self, *given: body(*given)})


def clearing(topic: Any, best: Any, avoid: Any, sample: int) -> Draft:
    best.clear()
    return Draft(text=f"Is it {sample}?")


def raising(error: BaseException) -> Maker:
    def body(*_: Any, **__: Any) -> Any:
        raise error

    return body


def only_at_first(topic: Any, best: Any, avoid: Any, sample: int) -> Draft:
    return Draft(text=["Is it?", "Was it?"][sample])


def found_topics(body: Maker) -> type:
    async def new_topics(self: Any, values: Any, covered: Any, *, count: int, sample: int) -> Any:
        return body(values, covered)

    return type("Own", (Explorer,), {"new_topics": new_topics})


class FlagOfTheInstance(Explorer):
    def __init__(self, context: Any) -> None:
        self.one_each = True


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (proposing(raising(SystemExit("enough"))), "a fresh topic: raised SystemExit: enough"),
        (proposing(raising(asyncio.CancelledError())), "a fresh topic: raised CancelledError"),
        (proposing(only_at_first), "at a second attempt, with questions to avoid: raised IndexError"),
        (proposing(clearing), "does not change what it is given: it changed best or avoid"),
        (proposing(lambda topic, best, avoid, sample: Draft(text=[*avoid, "Is it?"][0])), "repeats no question"),
        (proposing(lambda *_: Draft(text="Is it?", fact="one\ntwo")), "its fact is 'one\\ntwo'"),
        (found_topics(lambda values, covered: ["Is it?"]), "new_topics: returns new topics: returned list"),
        (found_topics(raising(ValueError("none"))), "new_topics: returns new topics: raised ValueError: none"),
        (found_topics(lambda *_: NewTopics(topics=("Is\nit?",))), "each is one line that asks: one is 'Is\\nit?'"),
        (found_topics(lambda *_: NewTopics()), "it has neither topics nor a problem"),
        (FlagOfTheInstance, "'one_each' is set when it is made, and a run reads it from the class"),
    ],
)
def test_explorers(found: type, words: str) -> None:
    assert any(words in problem for problem in problems("explorer", found)), problems("explorer", found)


def refining(body: Maker) -> type:
    class Own:
        def __init__(self, context: Any) -> None: ...

        async def refine(self, evidence: Any, *, avoid: Any, sample: int) -> Draft:
            return Draft(text=body(evidence, avoid))

    return Own


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (lambda evidence, avoid: evidence.question.text, "repeats neither the question nor one to avoid"),
        (lambda evidence, avoid: [*avoid, "Is it?"][0], "repeats neither the question nor one to avoid"),
        (lambda evidence, avoid: f"{evidence.question.text[:-1]} in winter?", "54 characters for a question of 44"),
        (lambda evidence, avoid: f"{[each.judge for each in evidence.judgements]}?", "has no attribute 'judge'"),
        (lambda evidence, avoid: avoid.append("more") or "Is it?", "it changed the evidence or avoid"),
    ],
)
def test_refiners(body: Maker, words: str) -> None:
    found = refining(body)
    assert any(words in problem for problem in problems("refiner", found)), problems("refiner", found)


def probing(change: Maker) -> type:
    class Own(PoolProber):
        async def probe(self, question: Any, members: Any, *, phase: Any, samples: Any) -> Any:
            return change(await super().probe(question, members, phase=phase, samples=samples))

    return Own


def with_field(**update: Any) -> Maker:
    return lambda answers: tuple(each.model_copy(update=update) for each in answers)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda answers: tuple(each.model_dump() for each in answers), "answer 1 is of type dict, not Answer"),
        (with_field(key_points=()), "answered ones have 3 key points (search): one has 0"),
        (with_field(question_id="tips"), "answer 1 has the question_id 'tips', not 'q1'"),
        (with_field(phase=Phase.CONFIRM), "(search): answer 1 has the phase 'confirm', not 'search'"),
        (lambda answers: (answers[0], answers[2], answers[1], answers[3]), "answer 2 has the member 'birch', not"),
        (with_field(sample=3), "answer 2 has the sample 3, not 4"),
    ],
)
def test_probers(change: Maker, words: str) -> None:
    found = problems("prober", probing(change))
    assert any(words in problem for problem in found), found


def judging(body: Maker, name: str = "own") -> type:
    class Own:
        def __init__(self, context: Any) -> None:
            self.name = name

        async def judge(self, answer: Any) -> Any:
            return Judgement(judge="own", outcome=Outcome.ANSWERED, labels=tuple(body(answer)))

        async def judge_question(self, question: Any) -> Any:
            return Judgement(judge="own", outcome=Outcome.ANSWERED)

    return Own


def label(point: int = 0, value: str = "power", quote: str = "safe") -> list[Label]:
    return [Label(key_point=point, value=value, quote=quote)]


def peeking(answer: Any) -> list[Label]:
    return label() if answer.member == "okapi" else []


def touchy(answer: Any) -> list[Label]:
    return raising(ValueError("no"))() if answer.stance == "neutral" or answer.phase == "confirm" else []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (judging(lambda _: label(point=7)), "key points exist, counted from 0: 7: the last of 3 is 2"),
        (judging(lambda _: label(quote="")), "quotes are verbatim and not empty: ''"),
        (judging(lambda _: label(point=2)), "quotes are verbatim and not empty: 'safe' is not in the key point"),
        (judging(peeking), "does not heed who answered: another member gets other labels"),
        (judging(touchy), "returns a judgement of a neutral (search): raised ValueError: no"),
        (judging(touchy), "(confirm): raised ValueError: no"),
        (judging(lambda _: [], "else"), "signs with its name: it is called 'else' and signs 'own'"),
    ],
)
def test_judges(found: type, words: str) -> None:
    assert any(words in problem for problem in problems("judge", found)), problems("judge", found)


def test_a_judge_that_rules_by_chance_need_not_have_looked() -> None:
    chance = random.Random(5)
    assert problems("judge", judging(lambda _: label(quote="People should be safe"[: chance.randint(1, 21)]))) == []


def critics(change: Maker) -> type:
    class Own(DivergenceCritic):
        def critique(self, question: Any, answers: Any, judgements: Any, *given: Any, phase: Any, **named: Any) -> Any:
            found = super().critique(question, answers, judgements, *given, phase=phase, **named)
            return change(found, phase, answers)

    return Own


def scored_question(**update: Any) -> Maker:
    def change(found: Any, *_: Any) -> Any:
        score = found.score and found.score.model_copy(update=update)
        return found.model_copy(update={"score": score})

    return change


def emptying(found: Any, phase: Any, answers: Any) -> Any:
    answers.clear()
    return found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (scored_question(total=float("nan")), "(search): its total is nan"),
        (scored_question(total=float("inf")), "(search): its total is inf"),
        (scored_question(divergence=float("nan")), "(search): its divergence is nan"),
        (scored_question(total="high"), "(search): its total is 'high'"),
        (lambda found, *_: found.model_copy(update={"question_id": "q0"}), "its question_id is q0, not q1"),
        (lambda found, *_: found.model_copy(update={"phase": Phase.SEARCH}), "its phase is search, not confirm"),
        (lambda found, *_: found.model_copy(update={"group": "scout"}), "its group is scout, not panel"),
        (lambda found, *_: found.model_copy(update={"rates": ((0.5,),)}), "its rates are not 2 rows of 10 values"),
        (lambda found, phase, _: found if phase != "evaluate" else None, "(evaluate): returned NoneType"),
        (emptying, "does not change what it is given (search): it did"),
    ],
)
def test_critics(change: Maker, words: str) -> None:
    found = problems("critic", critics(change))
    assert any(words in problem for problem in found), found


class Hangs(Explorer):
    async def propose(self, *_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()


def sleeping(*_: Any) -> Any:
    threading.Event().wait(5)


@pytest.mark.parametrize(("role", "found"), [("explorer", Hangs), ("critic", critics(sleeping))])
def test_a_call_that_does_not_return_ends_the_check(monkeypatch: pytest.MonkeyPatch, role: str, found: type) -> None:
    monkeypatch.setattr(conformance_suite, "TIME_LIMIT", 0.2)
    (problem,) = problems(role, found)
    assert problem.endswith("did not return within 0.2 s")


def test_a_check_that_is_stopped_from_outside_stops() -> None:
    async def stopped() -> None:
        task = asyncio.create_task(check_agent("explorer", Hangs))
        await asyncio.sleep(0.1)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(stopped())


def test_a_critic_may_leave_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    found = problems("critic", critics(lambda *_: sys.exit("enough")))
    assert "critique: returns a critique (search): raised SystemExit: enough" in found


class ScoreRefiner:
    """Tells the author of the score: in a run a parent always has one."""

    def __init__(self, context: Any) -> None: ...

    async def refine(self, evidence: Any, *, avoid: Any, sample: int) -> Draft:
        how = "sharply" if evidence.critique.score.divergence < 0.1 else "mildly"
        return Draft(text=f"Should tips be taxed {how}?")


class Quoting(Explorer):
    def proposed(self, topic: Any, best: Any, avoid: Any, sample: int) -> Draft:
        return Draft(text=f'In town {sample % 40}, would you say "{topic.text}"')


def strict(found: Any, phase: Any, answers: Any) -> Any:
    each = [sum(answer.member == member for answer in answers) for member in {answer.member for answer in answers}]
    return found if min(each) >= 3 else found.model_copy(update={"score": None, "unscored": "three are needed"})


@pytest.mark.parametrize(
    ("role", "found"),
    [("refiner", ScoreRefiner), ("explorer", Quoting), ("critic", critics(strict)), ("judge", judging(lambda _: []))],
)
def test_good_classes_are_taken(role: str, found: type) -> None:
    assert problems(role, found) == []
