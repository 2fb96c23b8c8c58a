"""How many answers each respondent gives to a question: all equally many, or as many as a pilot finds it needs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...agents.critic.divergence_critic import judged_answers
from ...domain.answer import PRIMED, Phase
from ...domain.question import Question
from ...evaluation.questions.sample_allocation import (
    FEWEST_ANSWERS,
    NoiseEstimates,
    affordable_answers,
    answers_needed,
    estimate_noise,
)
from ...records import RunRecords

NUMBERS = "answers by model"
"""The reading under which the numbers are recorded: fixed once, whatever is answered later."""


@dataclass(frozen=True)
class PilotNoise:
    """What the pilot says: each respondent's noise, and the answers that it asks for, by id in the pool's order."""

    members: tuple[str, ...]
    noise: NoiseEstimates
    needed: tuple[int, ...]

    def within_budget(self, affordable: int | None, *, alike: bool) -> dict[str, int]:
        """The number of each member, with ``affordable`` answers of all members together to a question; None: any.

        ``alike``: of all the same, the largest. Where each answer is to other words, models with other numbers would
        have answered other wordings, and what a wording does would pass for a difference between models.
        """
        needed = (max(self.needed),) * len(self.needed) if alike else self.needed
        numbers = needed
        if affordable is not None and alike:
            numbers = (min(needed[0], max(FEWEST_ANSWERS, affordable // len(needed))),) * len(needed)
        elif affordable is not None:
            numbers = affordable_answers(self.noise, needed, affordable)
        return dict(zip(self.members, numbers, strict=True))


def pilot_questions(order: Sequence[Question], count: int) -> tuple[Question, ...]:
    """The first ``count`` of ``order``, which is random, every topic giving one before any gives a second."""
    turns: dict[str, int] = {}
    places: list[tuple[int, int]] = []
    for place, question in enumerate(order):
        turns[question.topic_id] = turns.get(question.topic_id, 0) + 1
        places.append((turns[question.topic_id], place))
    return tuple(order[place] for _, place in sorted(places)[:count])


def pilot_noise(
    records: RunRecords, pilot: Sequence[Question], members: Sequence[str], value_ids: Sequence[str], most: int
) -> PilotNoise:
    """From the recorded answers to the ``pilot`` questions, for which each member was asked ``most`` times."""
    shape = len(pilot), len(members), most
    expressions, answered = np.zeros((*shape, len(value_ids)), dtype=bool), np.zeros(shape, dtype=bool)
    for row, question in enumerate(pilot):
        pairs = zip(*records.answers(question.id, [Phase.EVALUATE]), strict=True)
        plain = [pair for pair in pairs if not pair[0].wording.startswith(PRIMED)]
        judged = judged_answers([a for a, _ in plain], [j for _, j in plain], value_ids, None)
        for place, member in enumerate(judged.models):
            slots = judged.answered.shape[1]
            column = members.index(member)
            expressions[row, column, :slots], answered[row, column, :slots] = (
                judged.expressions[place],
                judged.answered[place],
            )
    noise = estimate_noise(expressions, answered)
    return PilotNoise(tuple(members), noise, answers_needed(noise, most))


def recorded_numbers(records: RunRecords) -> dict[str, int]:
    """The numbers that were fixed, by member; empty where none were yet."""
    body = records.reading(NUMBERS)
    return {} if body is None else {str(name): int(number) for name, number in json.loads(body).items()}


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
