"""Evaluations made by hand: who answered what, as a list, becomes the arrays that the reports read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from adaem.domain.answer import Answer, Outcome, Phase
from adaem.domain.judgement import Judgement, Label
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.question import Question
from adaem.domain.settings import Settings
from adaem.records import Manifest
from adaem.records.folder import EvaluationOf
from adaem.results.answer_arrays import PRIME, AnswerArrays, arrange_answers
from small_world import VALUES, framework, member_data, pool_data

Given = tuple[str, Outcome, Iterable[str], str]
"""Model, what became of the call, the values that the answer expresses, its wording."""


def manifest(**changes: Any) -> Manifest:
    members = [*pool_data()["members"], member_data("mouse", "examinee")]
    data: dict[str, Any] = {
        **{"run_id": "r", "adaem_version": "0", "created_at": "now", "simulated": False, "status": "finished"},
        **{"settings": Settings(), "framework": framework(circle=VALUES), "framework_sha256": "x", "prompts": {}},
        **{"pool": PoolSpec.model_validate(pool_data(members=members)), "embedder": "hashing", "packages": {}},
    }
    return Manifest.model_validate(data | changes)


def evaluated(
    questions: int,
    given: Callable[[int], Sequence[Given]],
    *,
    topics: Callable[[int], str] = str,
    of: Manifest | None = None,
) -> AnswerArrays:
    """Question ``n`` of topic ``topics(n)`` was answered as ``given(n)`` lists; samples count within a wording."""
    asked = [
        Question(id=f"q{n}", topic_id=topics(n), topic=topics(n), text=f"Is number {n} right?")
        for n in range(questions)
    ]
    return arrange_answers(of or manifest(), asked, [_pairs(question.id, given(n)) for n, question in enumerate(asked)])


def _pairs(question_id: str, given: Sequence[Given]) -> list[tuple[Answer, Judgement | None]]:
    samples: dict[tuple[str, str], int] = {}
    pairs: list[tuple[Answer, Judgement | None]] = []
    for model, outcome, values, wording in given:
        sample = samples[model, wording] = samples.get((model, wording), -1) + 1
        answer = Answer(
            question_id=question_id,
            member=model,
            phase=Phase.EVALUATE,
            sample=sample,
            wording=wording,
            outcome=outcome,
        )
        labels = tuple(Label(key_point=0, value=value, quote="x") for value in values)
        judgement = Judgement(judge="scale", outcome=Outcome.ANSWERED, labels=labels)
        pairs.append((answer, judgement if outcome is Outcome.ANSWERED else None))
    return pairs


def said(model: str, *values: str, wording: str = "") -> Given:
    """An answer that expresses these values."""
    return model, Outcome.ANSWERED, values, wording


def silent(model: str, outcome: Outcome = Outcome.REFUSED, wording: str = "") -> Given:
    """A call without an answer."""
    return model, outcome, (), wording


def apart(topics: int = 24) -> AnswerArrays:
    """Zebra always expresses care and okapi never; on power both do so every other time; nobody expresses safety."""

    def given(n: int) -> list[Given]:
        power = ["power"] * (n % 2)
        return [said("zebra", "care", *power), said("zebra", "care"), said("okapi", *power), said("okapi")]

    return evaluated(topics, given)


def primed_evaluation() -> AnswerArrays:
    """Told to hold power, zebra does and okapi, who was seen before, goes on as ever; on half of the questions."""
    of = EvaluationOf(source="x", questions=20, questions_sha256="x", samples=1, primed=("power",), seen=("okapi",))
    plain = [said("zebra", "care"), said("okapi", "power")]
    told = [said("zebra", "power", wording=PRIME + "power"), said("okapi", "power", wording=PRIME + "power")]
    return evaluated(20, lambda n: plain + told * (n % 2), of=manifest(evaluation=of))
