"""The life of one question: what it came from, each of its scores, and why it was kept or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher, get_close_matches
from typing import Literal

from ...domain.answer import Phase
from ...domain.errors import InputError
from ...domain.pool_spec import Role
from ...domain.question import Origin, Question
from ...domain.record import Record
from ...domain.texts.counting import count, verb
from ...records import Manifest, MoveRecord, RunRecords, TraceEvent

MOST_COMPARED = 1_000
"""Words of a question that are compared one by one, which takes the square of their number."""


class Word(Record):
    """A stretch of words of a rewrite: kept from the question before it, taken out, or put in."""

    did: Literal["kept", "out", "in"]
    text: str


class Wording(Record):
    """One wording in a question's line, the seed's successor first. ``score``: its search score, bits, None without.

    ``words`` are those of the wording before it and its own; empty for the first.
    """

    question_id: str
    text: str
    fact: str
    edited: bool
    words: tuple[Word, ...]
    score: float | None
    status: str


class Life(Record):
    """A question from its seed to its rank. Scores in bits: ``search_score`` chose it, ``confirmed_score`` is fresh.

    ``interval`` and ``q_value`` are those of the fresh ``divergence``, which need not be all of the score.
    ``line`` ends with the question itself; ``rewrites`` were made of it. ``steps`` are the trace's, by id.
    """

    question_id: str
    topic_id: str
    seed: str
    line: tuple[Wording, ...]
    rewrites: tuple[Wording, ...]
    search_score: float | None
    confirmed_score: float | None
    divergence: float | None
    interval: tuple[float, float] | None
    q_value: float | None
    rank: int | None
    of: int
    published: bool
    why: str
    steps: tuple[str, ...]


def life_of(
    question_id: str,
    records: RunRecords,
    events: list[TraceEvent],
    manifest: Manifest,
    where: str,
    scores: Mapping[str, float] | None = None,
) -> Life:
    """The life of a question; ``scores`` are all search scores by question, read where they are not given.

    Raises ``InputError``, with the nearest ids, for one that this run has not drafted.
    """
    asked = records.questions()
    moves = {move.question_id: move for move in records.moves()}
    question = asked.get(question_id) or _drafted(question_id, events)
    if question is None:
        close = get_close_matches(question_id, [*asked, *moves], n=4, cutoff=0.3)
        hint = f"did you mean {', '.join(close)}?" if close else f"see 'adaem trace {where}' for the ids"
        raise InputError(f"{where}: no question is called {question_id!r} — {hint}")
    if scores is None:
        search = records.critiques(Phase.SEARCH, Role.SCOUT)
        scores = {each: critique.score.total for each, critique in search.items() if critique.score is not None}
    confirmed = records.critiques(Phase.CONFIRM, Role.PANEL, [question_id]).get(question_id)
    fresh = None if confirmed is None else confirmed.score
    ranking = records.ids("confirmed")
    line = _line_of(question, asked)
    wordings = [_wording(each, line[place - 1] if place else None, scores, moves) for place, each in enumerate(line)]
    children = [each for each in asked.values() if each.parent_id == question_id]
    return Life(
        question_id=question_id,
        topic_id=question.topic_id,
        seed=question.topic,
        line=tuple(wordings),
        rewrites=tuple(_wording(each, question, scores, moves) for each in children),
        search_score=scores.get(question_id),
        confirmed_score=None if fresh is None else fresh.total,
        divergence=None if fresh is None else fresh.divergence,
        interval=None if fresh is None else fresh.interval,
        q_value=None if fresh is None else fresh.q_value,
        rank=ranking.index(question_id) + 1 if question_id in ranking else None,
        of=len(ranking),
        published=question_id in records.ids("published"),
        why=_why(question, records, moves.get(question_id), scores, manifest),
        steps=tuple(event.id for event in events if event.question_id == question_id),
    )


def _line_of(question: Question, asked: Mapping[str, Question]) -> list[Question]:
    """The question behind those that it was rewritten from, the first in front; a folder may lead them in a circle."""
    line = {question.id: question}
    while (parent := asked.get(question.parent_id or "")) is not None and parent.id not in line:
        line[parent.id] = question = parent
    return list(line.values())[::-1]


def word_diff(before: str, after: str) -> tuple[Word, ...]:
    """``after`` as a change of ``before``, word by word; as a whole where comparing would take too long."""
    old, new = before.split(), after.split()
    if max(len(old), len(new)) > MOST_COMPARED:
        return (Word(did="out", text=before), Word(did="in", text=after))
    words: list[Word] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            words.append(Word(did="kept", text=" ".join(new[c:d])))
            continue
        if b > a:
            words.append(Word(did="out", text=" ".join(old[a:b])))
        if d > c:
            words.append(Word(did="in", text=" ".join(new[c:d])))
    return tuple(words)


def _wording(
    question: Question, before: Question | None, scores: Mapping[str, float], moves: dict[str, MoveRecord]
) -> Wording:
    move = moves.get(question.id)
    return Wording(
        question_id=question.id,
        text=question.text,
        fact=question.fact,
        edited=question.edited,
        words=() if before is None else word_diff(before.text, question.text),
        score=scores.get(question.id),
        status="" if move is None else move.status,
    )


def _drafted(question_id: str, events: list[TraceEvent]) -> Question | None:
    """A candidate that was never asked: its last draft, as the trace has it."""
    draft = None
    for event in events:
        if event.question_id == question_id and (text := (event.data.get("draft") or {}).get("text")):
            parent = event.data.get("parent")
            draft = Question(
                id=question_id,
                topic_id=event.topic_id,
                topic=parent or event.topic_id,
                text=text,
                fact=event.data["draft"].get("fact", ""),
                origin=Origin.REFINE if parent else Origin.PROPOSE,
            )
    return draft


def _why(
    question: Question,
    records: RunRecords,
    move: MoveRecord | None,
    scores: Mapping[str, float],
    manifest: Manifest,
) -> str:
    """One sentence: why it was kept or dropped."""
    wanted = manifest.settings.questions
    cap = manifest.settings.search.topic_cap
    if question.origin is Origin.SEED:
        return "It is a seed, asked as it is for comparison."
    if move is None:
        return "Its move had not ended when the run stopped."
    if move.status != "kept":
        ended = {"duplicate": "Dropped as a duplicate", "failed": "Dropped, its move failed"}
        return f"{ended.get(move.status, f'Dropped, {move.status}')}: {move.detail or 'no more is recorded'}."
    ranking = records.ids("confirmed")
    published = records.ids("published")
    if question.id in published:
        return f"Kept and published: rank {ranking.index(question.id) + 1} of {len(ranking)} on all its samples pooled."
    if (better := records.links().get(question.id)) is not None:
        return f"Confirmed, but it does not count: the panel's answers to it are all but equal to those to {better}."
    if question.id in ranking:
        place = ranking.index(question.id) + 1
        return f"Confirmed, but not published: rank {place} of {len(ranking)}, and {wanted} {verb(wanted)} wanted."
    place = 1 + sum(score > scores[question.id] for score in scores.values())
    topics = [each.topic_id for each in records.questions(list(ranking)).values()]
    if topics.count(question.topic_id) >= cap:
        return (
            f"Kept, but not confirmed: its search score is number {place} of {len(scores)}, and "
            f"{count(cap, 'question')} of its topic {verb(cap)} confirmed, as many as count."
        )
    return (
        f"Kept, but not confirmed: its search score is number {place} of {len(scores)}, and the budget confirmed "
        f"{len(ranking)}."
    )
