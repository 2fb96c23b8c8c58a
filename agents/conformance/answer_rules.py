"""The rules of those that deal with answers: prober, judge and critic."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ...domain.answer import KEY_POINTS, Answer, Outcome, Phase
from ...domain.critique import Critique
from ...domain.judgement import Judgement
from ...domain.pool_spec import Role
from ..protocols import BatchJudge
from .case_runner import Suite
from .cases import PLENTY, QUESTION, answers, judgements, scouts

GROUPS = {Phase.SEARCH: Role.SCOUT, Phase.CONFIRM: Role.PANEL, Phase.EVALUATE: Role.EXAMINEE}
"""In which role members are asked in a phase."""


async def check_prober(suite: Suite, agent: Any) -> None:
    """``protocols.Prober``."""
    members, samples = scouts(), range(3, 5)
    cases = [(phase, PLENTY, f"returns an answer a member and sample ({phase.value})") for phase in Phase]
    for phase, calls, rule in (*cases, (Phase.CONFIRM, 0, "the same when the budget is spent")):
        work = partial(_probe, suite, None if calls == 0 else agent, members, phase, samples)
        given = await suite.call("probe", rule, work, tuple)
        if given is None:
            continue
        wanted = [
            {"question_id": QUESTION.id, "member": member.id, "phase": phase, "sample": sample}
            for member in members
            for sample in samples
        ]
        suite.note("probe", rule, _first_difference(given, wanted))
        if calls and not _first_difference(given, wanted):
            counts = [len(each.key_points) for each in given if each.outcome is Outcome.ANSWERED]
            odd = [count for count in counts if count != KEY_POINTS]
            problem = f"one has {odd[0]}" if odd else ""
            suite.note("probe", f"answered ones have {KEY_POINTS} key points ({phase.value})", problem)


def _probe(suite: Suite, agent: Any, members: Any, phase: Phase, samples: range) -> Any:
    prober = suite.found(suite.context(0)) if agent is None else agent
    return prober.probe(QUESTION, members, phase=phase, samples=samples)


def _first_difference(given: Sequence[Any], wanted: Sequence[dict[str, Any]]) -> str:
    """In words; "" where all are as they were asked for."""
    if len(given) != len(wanted):
        return f"{len(given)} answers, of {len(wanted)} in the order member, sample"
    for number, (answer, fields) in enumerate(zip(given, wanted, strict=True), start=1):
        if not isinstance(answer, Answer):
            return f"answer {number} is of type {type(answer).__name__}, not Answer"
        for name, value in fields.items():
            if getattr(answer, name) != value:
                return f"answer {number} has the {name} {_plain(getattr(answer, name))!r}, not {_plain(value)!r}"
    return ""


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Phase) else value


async def check_judge(suite: Suite, agent: Any) -> None:
    """``protocols.Judge``."""
    name = getattr(agent, "name", None)
    suite.note("name", "is a text", "" if isinstance(name, str) and name else f"is {name!r}")
    # Every stance, and every phase: nothing of either may keep an answer from being judged.
    asked = [
        next(each for each in answers(phase) if each.stance is stance)
        for stance, phase in zip(sorted({each.stance for each in answers() if each.stance}), Phase, strict=True)
    ]
    points = [point.text for point in asked[0].key_points]
    judgements: list[Judgement] = []
    for answer in asked:
        rule = f"returns a judgement of a {answer.stance} ({answer.phase.value})"
        judgement = await suite.call("judge", rule, partial(agent.judge, answer), Judgement)
        if judgement is not None:
            suite.note("judge", rule)
            judgements.append(judgement)
    _check_labels(suite, "judge", judgements, points)
    if len(judgements) == len(asked) and isinstance(agent, BatchJudge):
        rule = "returns what judge returns for each answer, in their order"
        together = await suite.call("judge_all", rule, partial(agent.judge_all, asked), list)
        if together is not None:
            suite.note("judge_all", rule, "" if together == judgements else "it returned something else")
    if len(judgements) == len(asked):
        await _check_blind(suite, agent, asked[0], judgements[0])
    await suite.without_budget("judge", lambda agent: agent.judge(asked[0]), Judgement)
    rule = "returns a judgement"
    wording = await suite.call("judge_question", rule, partial(agent.judge_question, QUESTION), Judgement)
    if wording is not None:
        suite.note("judge_question", rule)
        _check_labels(suite, "judge_question", [wording], [QUESTION.text])
    await suite.without_budget("judge_question", lambda agent: agent.judge_question(QUESTION), Judgement)
    if isinstance(name, str) and name:
        odd = [each.judge for each in judgements if each.judge != name]
        suite.note("judge", "signs with its name", f"it is called {name!r} and signs {odd[0]!r}" if odd else "")


def _check_labels(suite: Suite, method: str, judgements: Sequence[Judgement], texts: Sequence[str]) -> None:
    if not judgements:
        return
    labels = [label for judgement in judgements for label in judgement.labels]
    unknown = {label.value for label in labels} - set(suite.context().framework.value_ids)
    suite.note(method, "labels are values of the framework", f"{sorted(unknown)}" if unknown else "")
    beyond = [label.key_point for label in labels if label.key_point >= len(texts)]
    last = len(texts) - 1
    problem = f"{beyond[0]}: the last of {len(texts)} is {last}" if beyond else ""
    suite.note(method, "key points exist, counted from 0", problem)
    loose = [
        each.quote for each in labels if each.key_point <= last and not _stands_in(each.quote, texts[each.key_point])
    ]
    where = "is not in the key point" if method == "judge" else "is not in the text"
    suite.note(method, "quotes are verbatim and not empty", f"{loose[0]!r} {where}" if loose else "")


def _stands_in(quote: str, text: str) -> bool:
    return bool(quote.strip()) and quote in text


async def _check_blind(suite: Suite, agent: Any, answer: Answer, first: Judgement) -> None:
    """In a run an answer reaches the judge without its member; a judge must not need one, nor heed one."""
    rule = "does not heed who answered"
    for member in ("b", ""):
        turned = answer.model_copy(update={"member": member})
        judgement = await suite.call("judge", rule, partial(agent.judge, turned), Judgement)
        if judgement is None:
            return
        if _verdict(judgement) == _verdict(first):
            continue
        again = await suite.call("judge", rule, partial(agent.judge, answer), Judgement)
        if again is None:
            return
        # A judge that rules by chance differs here, too, and need not have looked.
        if _verdict(again) == _verdict(first):
            suite.note("judge", rule, "another member gets other labels for the same answer")
            return
    suite.note("judge", rule)


def _verdict(judgement: Judgement) -> Any:
    return judgement.outcome, sorted((label.key_point, label.value, label.quote) for label in judgement.labels)


async def check_critic(suite: Suite, agent: Any) -> None:
    """``protocols.Critic``."""
    given, judged = answers(), judgements(suite.context().framework)
    first: dict[Phase, Critique] = {}
    for phase in Phase:
        rule = f"returns a critique ({phase.value})"
        own_answers, own_judged = answers(phase), list(judged)
        critique = await _critique(suite, agent, rule, own_answers, own_judged, phase)
        if critique is None:
            continue
        first[phase] = critique
        suite.note("critique", rule, _not_as_asked(critique, phase))
        changed = own_answers != answers(phase) or own_judged != judged
        suite.note("critique", f"does not change what it is given ({phase.value})", "it did" if changed else "")
        numbers = _odd_number(critique, len(suite.context().framework.value_ids))
        suite.note("critique", f"its numbers are numbers ({phase.value})", numbers)
    if (search := first.get(Phase.SEARCH)) is None:
        return
    scored = search.score is not None
    suite.note("critique", "scores two models that answered", "" if scored else f"unscored: {search.unscored}")
    if search.score is not None and search.score.p_value is not None:
        suite.note("critique", "tests by permutation outside the search alone", "it did in the search")
    rule = "does not depend on the order"
    again = await _critique(suite, agent, rule, given[::-1], judged[::-1], Phase.SEARCH)
    if again is not None and search.score is not None:
        same = again.score is not None and _same(again.score.total, search.score.total)
        suite.note("critique", rule, "" if same else "the reversed answers have another total")
    alone = [number for number, answer in enumerate(given) if answer.member == given[0].member]
    for rule, kept, heard in (
        ("one model alone is unscored", alone, judged),
        ("answers without a judgement are missing", range(len(given)), [None] * len(given)),
    ):
        part = [given[number] for number in kept], [heard[number] for number in kept]
        lone = await _critique(suite, agent, rule, *part, Phase.SEARCH)
        if lone is not None:
            suite.note("critique", rule, "" if lone.score is None else "it has a score: missing is not zero")


async def _critique(
    suite: Suite,
    agent: Any,
    rule: str,
    given: list[Answer],
    judged: Sequence[Judgement | None],
    phase: Phase,
) -> Any:
    wording = Judgement(judge="suite", outcome=Outcome.ANSWERED)
    work: Callable[[], Any] = partial(
        agent.critique, QUESTION, given, judged, wording, phase=phase, group=GROUPS[phase], seed=1
    )
    return await suite.call("critique", rule, work, Critique, apart=True)


def _not_as_asked(critique: Critique, phase: Phase) -> str:
    for name, value in (("question_id", QUESTION.id), ("phase", phase), ("group", GROUPS[phase])):
        if getattr(critique, name) != value:
            return f"its {name} is {getattr(critique, name)!s}, not {value!s}"
    return ""


def _odd_number(critique: Critique, values: int) -> str:
    if critique.score is not None:
        for name in ("divergence", "total"):
            if not _finite(getattr(critique.score, name)):
                return f"its {name} is {getattr(critique.score, name)!r}"
    if critique.rates and [len(row) for row in critique.rates] != [values] * len(critique.models):
        return f"its rates are not {len(critique.models)} rows of {values} values"
    return ""


def _finite(number: Any) -> bool:
    return isinstance(number, int | float) and math.isfinite(number)


def _same(one: Any, other: Any) -> bool:
    return _finite(one) and _finite(other) and abs(one - other) < 1e-9
