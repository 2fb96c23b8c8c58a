"""The rows of the four tables, read from a run's records question by question. What is missing is None, never 0."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ...domain.answer import KEY_POINTS, Answer, Outcome, Phase
from ...domain.calls import Call
from ...domain.critique import Critique, Score
from ...domain.judgement import Judgement, Label
from ...domain.pool_spec import Role
from ...records import Manifest, RunRecords
from .columns import TABLES

Row = dict[str, Any]
Judged = tuple[Answer, Judgement | None]


@dataclass(frozen=True)
class Tables:
    """One run's tables. Rows have every column of ``columns.TABLES``, in that order."""

    manifest: Manifest
    records: RunRecords

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of ``table``, one at a time: a run may hold millions of labels."""
        readers: dict[str, Callable[[], Iterator[Row]]] = {
            "questions": self._questions,
            "answers": self._answers,
            "labels": self._labels,
            "scores": self._scores,
        }
        run: Row = {"run_id": self.manifest.run_id, "simulated": self.manifest.simulated}
        for row in readers[table]():
            whole = run | row
            yield {column.name: _present(whole[column.name]) for column in TABLES[table]}

    def _questions(self) -> Iterator[Row]:
        rank = {question: place for place, question in enumerate(self.records.ids("confirmed"), start=1)}
        published = set(self.records.ids("published"))
        lists = ("evaluated_grown", "evaluated_seeds", "evaluated", "recorded")
        evaluated = {question for name in lists for question in self.records.ids(name)}
        for question in self.records.questions().values():
            judged = self.records.question_judgement(question.id)
            yield {
                "question_id": question.id,
                "topic_id": question.topic_id,
                "topic": _said(question.topic),
                "question": question.text,
                "fact": _said(question.fact),
                "origin": question.origin.value,
                "parent_id": question.parent_id,
                "depth": question.depth,
                "rank": rank.get(question.id),
                "published": question.id in published,
                "evaluated": question.id in evaluated,
                "values": _values(judged),
                "created_at": _said(question.created_at),
            }

    def _judged(self) -> Iterator[list[Judged]]:
        """The answers to each question, with their judgements."""
        for question in self.records.questions():
            yield list(zip(*self.records.answers(question), strict=True))

    def _answers(self) -> Iterator[Row]:
        pool = self.manifest.pool
        currency = pool.currency if pool else None
        systems = {member.id: member.system_sha256 for member in pool.members} if pool else {}
        for judged in self._judged():
            asked = [answer.call_id for answer, _ in judged if answer.call_id]
            calls = {call.id: call for call in self.records.calls(asked)}
            for answer, judgement in judged:
                yield {
                    **_key(answer),
                    **_content(answer),
                    **_verdict(judgement),
                    **_call(calls.get(answer.call_id), currency),
                    "system_sha256": systems.get(answer.member) or None,
                    "call_id": _said(answer.call_id),
                }

    def _labels(self) -> Iterator[Row]:
        for judged in self._judged():
            for answer, judgement in judged:
                if judgement is not None and judgement.outcome is Outcome.ANSWERED:
                    votes = Counter(place for labels in judgement.votes.values() for place in set(map(_place, labels)))
                    for label in judgement.labels:
                        yield {
                            **_key(answer),
                            "key_point": label.key_point + 1,
                            "value": label.value,
                            "quote": label.quote,
                            "judge": judgement.judge,
                            "votes": votes[_place(label)] if judgement.votes else None,
                            "jurors": len(judgement.votes) or None,
                        }

    def _scores(self) -> Iterator[Row]:
        for phase in Phase:
            for group in Role:
                for critique in self.records.critiques(phase, group).values():
                    yield _score(critique)


def _key(answer: Answer) -> Row:
    return {
        "question_id": answer.question_id,
        "model": answer.member,
        "phase": answer.phase.value,
        "wording": answer.wording,
        "sample": answer.sample,
    }


def _content(answer: Answer) -> Row:
    parts: Row = {}
    for number in range(1, KEY_POINTS + 1):
        point = answer.key_points[number - 1] if number <= len(answer.key_points) else None
        parts[f"point_{number}"] = point and _said(point.point)
        parts[f"justification_{number}"] = point and _said(point.justification)
    return {
        "outcome": answer.outcome.value,
        "detail": _said(answer.detail),
        "stance": answer.stance and answer.stance.value,
        "key_points": len(answer.key_points) or None,
        **parts,
    }


def _verdict(judgement: Judgement | None) -> Row:
    return {
        "judge": judgement and judgement.judge,
        "judge_outcome": judgement and judgement.outcome.value,
        "values": _values(judgement),
        "labels_dropped": judgement and judgement.dropped,
    }


def _call(call: Call[Any] | None, currency: str | None) -> Row:
    return {
        "reply": call and _said(call.text),
        "model_name": call and _said(call.model_name),
        "system_fingerprint": call and _said(call.system_fingerprint),
        "route": call and _said(call.route),
        "finish_reason": call and _said(call.finish_reason),
        "input_tokens": call and call.usage.input_tokens,
        "output_tokens": call and call.usage.output_tokens,
        "tokens": call and call.tokens,
        "uncounted_tokens": call and call.uncounted,
        "cost": call and call.cost,
        "currency": None if call is None or call.cost is None else currency,
        "requests": call and call.attempts,
        "seconds": call and call.seconds,
    }


def _score(critique: Critique) -> Row:
    terms: Row = dict.fromkeys(Score.model_fields)
    if critique.score is not None:
        terms = critique.score.model_dump()
    low, high = terms["interval"] or (None, None)
    shrunken_low, shrunken_high = terms["shrunken_interval"] or (None, None)
    return {
        **terms,
        "interval_low": low,
        "interval_high": high,
        "shrunken_low": shrunken_low,
        "shrunken_high": shrunken_high,
        "question_id": critique.question_id,
        "phase": critique.phase.value,
        "group": critique.group.value,
        "critic": critique.critic,
        "models": len(critique.models),
        "samples_least": min(critique.samples, default=None),
        "samples_most": max(critique.samples, default=None),
        "samples": dict(zip(critique.models, critique.samples, strict=True)),
        "left_out": list(critique.left_out),
        "missing": sum(critique.missing.values()),
        "missing_by_outcome": critique.missing,
        "unscored": _said(critique.unscored),
        "warnings": list(critique.warnings),
    }


def _values(judgement: Judgement | None) -> list[str] | None:
    judged = judgement is not None and judgement.outcome is Outcome.ANSWERED
    return sorted(judgement.values) if judgement is not None and judged else None


def _place(label: Label) -> tuple[int, str]:
    return label.key_point, label.value


def _said(text: str) -> str | None:
    """The records write "" where nothing is known."""
    return text or None


def _present(cell: Any) -> Any:
    """Infinity and NaN are no numbers that other programs can be counted on to read."""
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
