"""Everything of one step, as data: what the agent saw, what was said and labelled, the score's terms, what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from ...domain.answer import Answer, Phase
from ...domain.errors import InputError
from ...domain.judgement import Judgement
from ...domain.record import Record
from ...records import Manifest, RunRecords, TraceEvent
from .score_terms import Term, critic_of, terms_of
from .trace_lines import nearest_names

WHOLE_ROUND = {"confirm": Phase.CONFIRM, "evaluate": Phase.EVALUATE}
"""Steps over many questions: their answers and labels are shown; the prompts are those of the search's steps."""


class SentPrompt(Record):
    """A prompt as it was sent; ``fingerprint`` is that of its template."""

    name: str
    fingerprint: str
    system: str
    user: str


class CallReply(Record):
    """One call of the step and what came back."""

    call_id: str
    prompt: str
    member: str
    sample: int
    outcome: str
    text: str
    detail: str
    tokens: int
    cost: float | None
    seconds: float


class QuestionAnswers(Record):
    """A question's answers in the step's phase, each with its judgement."""

    question_id: str
    text: str
    answers: tuple[tuple[Answer, Judgement | None], ...]


class Changed(Record):
    """One entry of the graph's state, before and after the step; None where it was not there."""

    what: str
    before: Any = None
    after: Any = None


class StepDetails(Record):
    """One step whole. ``previous`` and ``following`` are the ids of its neighbours in the trace, empty at its ends."""

    event: TraceEvent
    previous: str
    following: str
    prompts: tuple[SentPrompt, ...]
    replies: tuple[CallReply, ...]
    answered: tuple[QuestionAnswers, ...]
    terms: tuple[Term, ...]
    changed: tuple[Changed, ...]


def place_of(events: Sequence[TraceEvent], step: str, where: str, beside: int = 0) -> int:
    """The place of ``step`` in the trace, or of the one ``beside`` it (-1, 1). Raises ``InputError`` for none."""
    position = next((place for place, event in enumerate(events) if event.id == step), None)
    if position is None:
        names = nearest_names(step, (event.id for event in events))
        raise InputError(f"{where}: no step is called {step!r} — {names}")
    if not 0 <= position + beside < len(events):
        raise InputError(
            f"{where}: {step} is the {'first' if beside < 0 else 'last'} step — leave --prev and --next out"
        )
    return position + beside


def step_at(events: Sequence[TraceEvent], place: int, records: RunRecords, manifest: Manifest) -> StepDetails:
    """The step at ``place`` of the trace."""
    return _step(events, place, records, manifest, changed_by(events, place))


def all_steps(events: Sequence[TraceEvent], records: RunRecords, manifest: Manifest) -> Iterator[StepDetails]:
    """All steps of the trace in order."""
    for place, changed in enumerate(_changes(events)):
        yield _step(events, place, records, manifest, changed)


def _step(
    events: Sequence[TraceEvent], place: int, records: RunRecords, manifest: Manifest, changed: tuple[Changed, ...]
) -> StepDetails:
    event = events[place]
    prompts, replies = _calls(event, records)
    critique = event.data.get("critique") or {}
    score = critique.get("score")
    settings = manifest.settings
    critic = critic_of(str(critique.get("critic", "")), settings)
    return StepDetails(
        event=event,
        previous=events[place - 1].id if place else "",
        following=events[place + 1].id if place + 1 < len(events) else "",
        prompts=prompts,
        replies=replies,
        answered=answered_in(event, records, manifest),
        terms=tuple(terms_of(score, critic, settings.search)) if score else (),
        changed=changed,
    )


def answered_in(event: TraceEvent, records: RunRecords, manifest: Manifest) -> tuple[QuestionAnswers, ...]:
    """The answers that the step asked for, or judged."""
    if event.node in WHOLE_ROUND:
        ids = [str(each) for each in event.data.get("questions", [])]
        phase = WHOLE_ROUND[event.node]
    elif event.question_id and event.node in ("probe", "critique"):
        ids = [event.question_id]
        phase = Phase.SEARCH if manifest.recorded is None else Phase.EVALUATE
    else:
        return ()
    known = records.questions(ids)
    return tuple(
        QuestionAnswers(
            question_id=each,
            text=known[each].text,
            answers=tuple(zip(*records.answers(each, [phase]), strict=True)),
        )
        for each in ids
        if each in known
    )


def changed_by(events: Sequence[TraceEvent], place: int) -> tuple[Changed, ...]:
    """What the step changed in the graph's state: in that of its move, or of the run."""
    return next(islice(_changes(events), place, None))


def _changes(events: Sequence[TraceEvent]) -> Iterator[tuple[Changed, ...]]:
    """What each step changed, in order."""
    states: dict[object, dict[str, Any]] = defaultdict(dict)
    for event in events:
        before = states[(event.position[:3], event.question_id) if event.question_id else None]
        after = flat(event.update)
        yield tuple(
            Changed(what=key, before=before.get(key), after=value)
            for key, value in after.items()
            if key not in before or before[key] != value
        )
        before.update(after)


def flat(update: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested entries by dotted names."""
    flattened: dict[str, Any] = {}
    for key, value in update.items():
        if isinstance(value, dict):
            flattened |= flat(value, f"{prefix}{key}.")
        else:
            flattened[f"{prefix}{key}"] = value
    return flattened


def _calls(event: TraceEvent, records: RunRecords) -> tuple[tuple[SentPrompt, ...], tuple[CallReply, ...]]:
    if event.node in WHOLE_ROUND:
        return (), ()
    calls = records.calls(event.call_ids)
    prompts = [
        SentPrompt(
            name=call.prompt.name,
            fingerprint=call.prompt.fingerprint,
            system=call.prompt.system,
            user=call.prompt.user,
        )
        for call in calls
    ]
    replies = [
        CallReply(
            call_id=call.id,
            prompt=call.prompt.name,
            member=call.member,
            sample=call.sample,
            outcome=call.outcome.value,
            text=call.text,
            detail=call.detail,
            tokens=call.tokens,
            cost=call.cost,
            seconds=call.seconds,
        )
        for call in calls
    ]
    return tuple(dict.fromkeys(prompts)), tuple(replies)
