"""The rules of those that write: explorer and refiner."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ...domain.texts.safe_text import one_line
from ...memory.equality import normalised
from ..guards.validate_draft import LENGTH_TOLERANCE, QUESTION_MARKS
from ..protocols import Draft, Evidence, NewTopics, ScoredExample, TopicExplorer
from .case_runner import Suite
from .cases import QUESTION, SECOND_ATTEMPT, TOPIC, answers, critique, judgements

AVOID = "Should tips be abolished in Rome?"


async def check_explorer(suite: Suite, agent: Any) -> None:
    """``protocols.Explorer``, and ``TopicExplorer`` where the class offers it."""
    _check_flags(suite, agent, ("one_each", "asks_models"))
    for examples, sample, case in (
        ([], 0, "for a fresh topic"),
        ([ScoredExample(text=AVOID, score=0.1)], SECOND_ATTEMPT, "at a second attempt, with questions to avoid"),
    ):
        best, avoid = list(examples), [each.text for each in examples]
        work = partial(agent.propose, TOPIC, best=best, avoid=avoid, sample=sample)
        draft = await suite.call("propose", f"returns a draft {case}", work, Draft)
        if draft is None:
            continue
        _check_draft(suite, "propose", draft, case)
        if examples:
            _check_new(suite, "propose", draft, [each.text for each in examples], "repeats no question to avoid")
            unchanged = best == examples and avoid == [each.text for each in examples]
            _check_unchanged(suite, "propose", "best or avoid", unchanged)
    await suite.without_budget("propose", lambda agent: agent.propose(TOPIC, best=[], avoid=[], sample=1), Draft)
    if isinstance(agent, TopicExplorer):
        await _check_topics(suite, agent)


async def check_refiner(suite: Suite, agent: Any) -> None:
    """``protocols.Refiner``."""
    _check_flags(suite, agent, ("rewrites", "asks_models"))
    framework = suite.context().framework
    evidence = Evidence(
        question=QUESTION,
        critique=critique(framework),
        answers=tuple(answers()),
        judgements=tuple(judgements(framework)),
    )
    before, avoid = evidence.model_copy(deep=True), [AVOID]
    draft = await suite.call(
        "refine",
        "returns a draft for a question with a score",
        lambda: agent.refine(evidence, avoid=avoid, sample=SECOND_ATTEMPT),
        Draft,
    )
    if draft is not None:
        _check_draft(suite, "refine", draft, "for a question with a score")
        _check_new(suite, "refine", draft, [QUESTION.text, AVOID], "repeats neither the question nor one to avoid")
        most = int(LENGTH_TOLERANCE * len(QUESTION.text))
        long = not draft.problem and len(draft.text) > most
        problem = f"{len(draft.text)} characters for a question of {len(QUESTION.text)}: {most} at most" if long else ""
        suite.note("refine", "is not longer", problem)
        _check_unchanged(suite, "refine", "the evidence or avoid", evidence == before and avoid == [AVOID])
    await suite.without_budget("refine", lambda agent: agent.refine(evidence, avoid=[], sample=1), Draft)


async def _check_topics(suite: Suite, agent: Any) -> None:
    values = list(suite.context().framework.values[:3])
    covered = [TOPIC.text]

    def ask(agent: Any, values: Any, covered: Any) -> Any:
        return agent.new_topics(values, covered, count=6, sample=1)

    rule = "returns new topics"
    own_values, own_covered = (list(values), list(covered))
    proposals = await suite.call("new_topics", rule, lambda: ask(agent, own_values, own_covered), NewTopics)
    if proposals is not None:
        suite.note(
            "new_topics", rule, "" if proposals.topics or proposals.problem else "it has neither topics nor a problem"
        )
        odd = [text for text in proposals.topics if not _asks(text) or not text.endswith(QUESTION_MARKS)]
        suite.note("new_topics", "each is one line that asks", f"one is {odd[0][:60]!r}" if odd else "")
        _check_unchanged(suite, "new_topics", "values or covered", own_values == values and own_covered == covered)
    await suite.without_budget("new_topics", lambda agent: ask(agent, values, covered), NewTopics)


def _check_flags(suite: Suite, agent: Any, flags: Sequence[str]) -> None:
    """A run reads them from the class, before anything is made."""
    own = getattr(agent, "__dict__", {})
    unread = [flag for flag in flags if flag in own and own[flag] != getattr(suite.found, flag, None)]
    problem = f"{unread[0]!r} is set when it is made, and a run reads it from the class" if unread else ""
    suite.note("__init__", "flags are attributes of the class", problem)


def _check_draft(suite: Suite, method: str, draft: Draft, case: str) -> None:
    suite.note(method, f"returns a draft {case}")
    if not draft.text and not draft.problem:
        suite.note(method, f"has a text or a problem, {case}", "it has neither")
    elif not draft.problem:
        problem = "" if _asks(draft.text) else f"it is {draft.text[:60]!r}"
        if not problem and draft.fact != one_line(draft.fact):
            problem = f"its fact is {draft.fact[:60]!r}"
        suite.note(method, f"is one line that asks, {case}", problem)


def _asks(text: str) -> bool:
    return text == one_line(text) and text.rstrip("\"'”’»“)").endswith(QUESTION_MARKS)


def _check_new(suite: Suite, method: str, draft: Draft, old: Sequence[str], rule: str) -> None:
    own = normalised(draft.text)
    again = [] if draft.problem else [text for text in old if normalised(text) == own]
    suite.note(method, rule, f"it is {again[0]!r}" if again else "")


def _check_unchanged(suite: Suite, method: str, what: str, unchanged: bool) -> None:
    suite.note(method, "does not change what it is given", "" if unchanged else f"it changed {what}")
