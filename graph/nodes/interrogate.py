"""The interrogation of one move: draft a candidate, refuse what is not new, ask the scouts, score."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from langgraph.graph import END
from pydantic import TypeAdapter

from ...agents.guards.validate_draft import checked_draft
from ...agents.protocols import Draft, Evidence, Told
from ...domain.answer import Answer, Outcome, Phase
from ...domain.errors import NotRecorded
from ...domain.pool_spec import Role
from ...domain.question import Origin, Question
from ...memory.novelty import NoveltyVerdict
from ...records import MoveRecord
from ..run_context import RunContext
from ..search.memory_items import lineage, remembered
from ..search.recorded_readings import read_once
from ..state import MoveState
from ..step import Step
from . import measure

ATTEMPTS = 2
"""A duplicate is sent back once with the offending neighbours, then dropped."""

EARLIER_SHOWN = 5
"""How many of a topic's best questions, and how many remembered neighbours, an author is shown."""

UNRECORDED = "unrecorded"
"""The status of a move that needs a call which is not recorded, where nobody may be asked. It is never stored."""

_TEXTS, _VERDICT = TypeAdapter(list[str]), TypeAdapter(NoveltyVerdict)


def finished(move: MoveRecord, status: str, detail: str = "") -> dict[str, Any]:
    """The update that ends an interrogation with ``status``."""
    return {"results": [move.model_copy(update={"status": status, "detail": detail}).model_dump(mode="json")]}


async def propose(state: MoveState, context: RunContext) -> Step:
    """The explorer drafts a new question for the topic."""
    move, attempt = MoveRecord.model_validate(state["move"]), state.get("attempt", 0) + 1
    topic = context.frontier.topic(move.topic_id)
    own_words = bool(state.get("topic"))
    if own_words:
        topic = topic.model_copy(update={"text": state["topic"]})
    best = [
        Told(text=each.question.text, score=each.total)
        for each in context.frontier.best(EARLIER_SHOWN, topic_id=move.topic_id)
    ]
    avoid = _to_avoid(context, topic.text, state, move, attempt)
    found = await context.agents.explorer.propose(
        topic, best=list(best), avoid=list(avoid), sample=_sample(context, move, attempt)
    )
    draft = checked_draft(found, given=topic.text)
    question = Question(
        id=move.question_id,
        topic_id=topic.id,
        topic=topic.text,
        text=draft.text,
        fact=draft.fact,
        origin=Origin.PROPOSE,
        created_at=now(),
        edited=own_words,
    )
    return _drafted(move, attempt, draft, question, {"best": [told.text for told in best], "avoid": avoid})


async def refine(state: MoveState, context: RunContext) -> Step:
    """The refiner rewrites the move's parent question."""
    move, attempt = MoveRecord.model_validate(state["move"]), state.get("attempt", 0) + 1
    assert move.parent_id is not None
    parent = context.frontier.scored[move.parent_id]
    answers, judgements = context.records.answers(parent.question.id, [Phase.SEARCH])
    avoid = _to_avoid(context, parent.question.text, state, move, attempt, but=parent.question.text)
    evidence = Evidence(
        question=parent.question,
        critique=parent.critique,
        answers=tuple(answers),
        judgements=tuple(judgements),
    )
    found = await context.agents.refiner.refine(evidence, avoid=list(avoid), sample=_sample(context, move, attempt))
    draft = checked_draft(found, rewritten=parent.question.text)
    question = parent.question.model_copy(
        update={
            "id": move.question_id,
            "text": draft.text,
            "origin": Origin.REFINE,
            "parent_id": parent.question.id,
            "depth": parent.question.depth + 1,
            "created_at": now(),
        }
    )
    data = {"parent": parent.question.text, "parent_score": parent.total, "avoid": avoid}
    return _drafted(move, attempt, draft, question, data)


def _drafted(move: MoveRecord, attempt: int, draft: Draft, question: Question, data: dict[str, Any]) -> Step:
    data = {**data, "draft": draft.model_dump(mode="json")}
    calls = (draft.call_id,) if draft.call_id else ()
    if draft.problem:
        return Step({"attempt": attempt, **finished(move, "failed", draft.problem)}, draft.problem, data, calls)
    update = {"attempt": attempt, "refused": False, "question": question.model_dump(mode="json")}
    return Step(update, question.text, data, calls)


async def novelty(state: MoveState, context: RunContext) -> Step:
    """The memory refuses a candidate that is too close to a question that was asked before."""
    move, question = MoveRecord.model_validate(state["move"]), Question.model_validate(state["question"])
    verdict = read_once(
        context,
        f"novelty {question.id}.{state['attempt']}",
        [question.text],
        _VERDICT,
        lambda: context.gate.claim(remembered(context.run_id, question, None), ignore=lineage(context, question)),
    )
    data = {"question": question.text, "verdict": verdict.model_dump(mode="json")}
    if verdict.novel:
        return Step({}, "new", data)
    close = [neighbour.text for neighbour in verdict.neighbours]
    nearest = f"{verdict.reason}: {close[0]}" if close else verdict.reason
    if state["attempt"] < ATTEMPTS:
        return Step({"refused": True, "avoid": close}, f"sent back, {nearest}", data)
    return Step(finished(move, "duplicate", nearest), f"dropped, {nearest}", data)


async def probe(state: MoveState, context: RunContext) -> Step:
    """The scouts answer the candidate."""
    question = Question.model_validate(state["question"])
    context.records.put_questions([question])
    answers = await measure.probe(context, question, context.members(Role.SCOUT), Phase.SEARCH)
    answered = sum(answer.outcome is Outcome.ANSWERED for answer in answers)
    return Step(
        {},
        f"{answered} of {len(answers)} answered",
        {"question": question.text, "fact": question.fact},
        measure.call_ids(answers, ()),
    )


async def critique(state: MoveState, context: RunContext) -> Step:
    """The judge labels the answers and the critic scores the candidate: kept, or unscored for want of answers."""
    move, question = MoveRecord.model_validate(state["move"]), Question.model_validate(state["question"])
    answers: list[Answer]
    answers, _ = context.records.answers(question.id, [Phase.SEARCH])
    wording, judgements = await measure.judge(context, question, answers)
    result = measure.criticise(context, question, answers, judgements, wording, phase=Phase.SEARCH, group=Role.SCOUT)
    context.records.put_critiques([result])
    calls = measure.call_ids((), (wording, *judgements))
    data = {"critique": result.model_dump(mode="json", exclude={"rates"})}
    if result.score is None:
        return Step(finished(move, "unscored", result.unscored), f"unscored: {result.unscored}", data, calls)
    score = result.score
    summary = f"divergence {score.divergence:+z.3f} bits, score {score.total:+z.3f}"
    return Step(finished(move, "kept"), summary, data, calls)


async def failure(state: MoveState, context: RunContext, error: BaseException) -> Step:
    """The last net: what no agent and no node foresaw ends this move alone, and is told."""
    move = MoveRecord.model_validate(state["move"])
    problem = f"{type(error).__name__}: {error}"
    return Step(finished(move, "failed", problem), f"failed, {problem}")


def unrecorded(state: MoveState, error: NotRecorded) -> dict[str, Any]:
    """Nobody may be asked for what this move needs: that ends the run, once the round's other moves have ended."""
    return finished(MoveRecord.model_validate(state["move"]), UNRECORDED, str(error))


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def entry(state: MoveState) -> str:
    """Where an interrogation begins: with the explorer or with the refiner."""
    return str(state["move"]["kind"])


def after_draft(state: MoveState) -> str:
    """A draft that failed ends the move; any other goes to the novelty gate."""
    return END if state.get("results") else "novelty"


def after_probe(state: MoveState) -> str:
    """What was asked is criticised; a move that the user has skipped ends."""
    return END if state.get("results") else "critique"


def after_novelty(state: MoveState) -> str:
    """A new candidate is probed; a duplicate goes back to its author once, then ends the move."""
    if state.get("results"):
        return END
    return entry(state) if state["refused"] else "probe"


def _to_avoid(
    context: RunContext, text: str, state: MoveState, move: MoveRecord, attempt: int, but: str = ""
) -> list[str]:
    near = read_once(
        context,
        f"avoid {move.question_id}.{attempt}",
        [text],
        _TEXTS,
        lambda: [neighbour.text for neighbour in context.memory.nearest([text], EARLIER_SHOWN)[0]],
    )
    return [each for each in dict.fromkeys([*state.get("avoid", []), *near]) if each != but]


def _sample(context: RunContext, move: MoveRecord, attempt: int) -> int:
    """Another number for every draft of a run, so that no two share a recorded call, and the authors take turns.

    Neighbouring moves get neighbouring numbers; a second attempt lies an odd number further on, with another author.
    """
    number = (move.round - 1) * context.settings.search.moves_per_round + move.dispatch - 1
    return number + (attempt - 1) * 1_000_003
