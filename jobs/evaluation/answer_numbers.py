"""How many answers each respondent gives to a question: all equally many, or as many as a pilot finds it needs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from ...agents.prober.answers_by_noise import JudgedPairs
from ...domain.answer import PRIMED, Phase
from ...domain.errors import StoreError
from ...domain.question import Question
from ...records import RunRecords

NUMBERS = "answers by model"
"""The reading under which the numbers are recorded: fixed once, whatever is answered later."""

_NUMBERS = TypeAdapter(dict[str, Annotated[int, Field(ge=2, le=1000)]])


def pilot_questions(order: Sequence[Question], count: int) -> tuple[Question, ...]:
    """The first ``count`` of the random ``order``: no topic (of a bank, no matter) gives two before all gave one."""
    turns: dict[str, int] = {}
    places: list[tuple[int, int]] = []
    for place, question in enumerate(order):
        turns[question.drawn_with] = turns.get(question.drawn_with, 0) + 1
        places.append((turns[question.drawn_with], place))
    return tuple(order[place] for _, place in sorted(places)[:count])


def pilot_answers(records: RunRecords, pilot: Sequence[Question]) -> list[JudgedPairs]:
    """The recorded answers to each question of the pilot, primed ones left out."""
    given = [zip(*records.answers(question.id, [Phase.EVALUATE]), strict=True) for question in pilot]
    return [[pair for pair in pairs if not pair[0].wording.startswith(PRIMED)] for pairs in given]


def recorded_numbers(records: RunRecords) -> dict[str, int]:
    """The numbers that were fixed, by member; empty where none were yet. Raises ``StoreError`` for any others."""
    body = records.reading(NUMBERS)
    if body is None:
        return {}
    try:
        return _NUMBERS.validate_json(body)
    except ValidationError:
        raise StoreError(f"run.sqlite: the {NUMBERS} are damaged — evaluate again, into another folder") from None


def record_numbers(records: RunRecords, numbers: Mapping[str, int]) -> None:
    """Fixes the numbers."""
    records.put_reading(NUMBERS, json.dumps(dict(numbers)))


def numbers_in_words(numbers: Mapping[str, int], pilot: int, most: int) -> str:
    """What a reader of the results must know: how many answers rest on what."""
    by_number: dict[int, list[str]] = {}
    for member, number in numbers.items():
        by_number.setdefault(number, []).append(member)
    each = "; ".join(f"{number} of {', '.join(names)}" for number, names in sorted(by_number.items()))
    return f"samples.allocation=by_noise: {most} answers of each model to {pilot} questions, then {each}"
