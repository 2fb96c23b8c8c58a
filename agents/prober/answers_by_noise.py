"""How many answers each member is asked for, by the noise that its answers to a pilot's questions show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...domain.answer import Answer
from ...domain.judgement import Judgement
from ...evaluation.questions.sample_allocation import (
    FEWEST_ANSWERS,
    NoiseEstimates,
    affordable_answers,
    answers_needed,
    estimate_noise,
)
from ..critic.divergence_critic import judged_answers

JudgedPairs = Sequence[tuple[Answer, Judgement | None]]
"""The answers to one question with their judgements, None where there is none."""


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


def pilot_noise(
    given: Sequence[JudgedPairs], members: Sequence[str], value_ids: Sequence[str], most: int
) -> PilotNoise:
    """From the answers ``given`` to each question of the pilot, for which each member was asked ``most`` times."""
    shape = len(given), len(members), most
    expressions, answered = np.zeros((*shape, len(value_ids)), dtype=bool), np.zeros(shape, dtype=bool)
    for row, pairs in enumerate(given):
        judged = judged_answers([a for a, _ in pairs], [j for _, j in pairs], value_ids, None)
        for place, member in enumerate(judged.models):
            slots = judged.answered.shape[1]
            column = members.index(member)
            expressions[row, column, :slots], answered[row, column, :slots] = (
                judged.expressions[place],
                judged.answered[place],
            )
    noise = estimate_noise(expressions, answered)
    return PilotNoise(tuple(members), noise, answers_needed(noise, most))
