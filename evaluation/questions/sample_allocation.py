"""How many answers to a question each model needs, from a pilot in which all gave equally many (METHOD.md section 5).

Two stages: the numbers are fixed by the pilot's questions and used on the others. They depend on no answer to a
question on which they are used, so that each rate is a plain mean of its answers and unbiased. (A rule that looks at a
question's own answers before it asks for more would bias its rate: one that stops when two answers agree, and else asks
for five, turns a rate of 0.8 into 0.86.) Sources: Neyman (1934) for unequal numbers by unequal noise; Stein (1945) for
a second stage that the first one sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints, expression_rates

FEWEST_ANSWERS = 2
"""Of each model to each question: with one a divergence and a distance could not be told from chance."""

VARIANCE_INCREASE = 0.1
"""By so much the variance of a difference may exceed that of the full number: the standard error by a twentieth."""


@dataclass(frozen=True)
class NoiseEstimates:
    """What makes the differences between K models uncertain, each array (K,), means over the values.

    within     variance of one answer's expression about its model's rate on the question, in [0, 0.5]; unbiased,
               mean over questions. NaN for a model without two answers to a question
    between    half the variance over questions of the difference of its rates and another model's, less what the
               answers' chance adds to it; mean over the other models, not below 0. NaN where it cannot be told
    questions  on which a model has two answers
    """

    within: Floats
    between: Floats
    questions: Ints


def estimate_noise(expressions: ArrayLike, answered: ArrayLike) -> NoiseEstimates:
    """From ``expressions`` (Q, K, L, d) bool, read where ``answered`` (Q, K, L).

    Questions are to be of different topics: their spread is then the one that the intervals of differences rest on. Of
    one model alone ``between`` is the variance of its own rates. Raises ValueError when shapes do not fit.
    """
    expressed: Bools = np.asarray(expressions, dtype=bool)
    mask: Bools = np.asarray(answered, dtype=bool)
    if expressed.ndim != 4 or mask.shape != expressed.shape[:3]:
        raise ValueError(f"expressions {expressed.shape} must be (Q, K, L, d) and answered {mask.shape} (Q, K, L)")
    answers = mask.sum(axis=2)
    several = answers >= FEWEST_ANSWERS
    rates = np.where(several[..., None], expression_rates(expressed, mask), np.nan)
    within = rates * (1 - rates) * (answers / np.maximum(answers - 1, 1))[..., None]
    chance = within / np.maximum(answers, 1)[..., None]
    models = rates.shape[1]
    between = np.full(models, np.nan)
    for model in range(models):
        parts = [
            _spread(rates[:, model] - rates[:, other], chance[:, model] + chance[:, other]) / 2
            for other in range(models)
            if other != model
        ] or [_spread(rates[:, model], chance[:, model])]
        known = [part for part in parts if not np.isnan(part)]
        between[model] = np.mean(known) if known else np.nan
    return NoiseEstimates(_mean(within), between, several.sum(axis=0))


def _spread(scores: Floats, chance: Floats) -> float:
    """The variance of ``scores`` (Q, d) over questions less the mean ``chance``, mean over values, not below 0."""
    present = ~np.isnan(scores[:, 0]) if scores.shape[1] else np.zeros(len(scores), dtype=bool)
    if present.sum() < 2:
        return float("nan")
    return max(0.0, float((scores[present].var(axis=0, ddof=1) - chance[present].mean(axis=0)).mean()))


def _mean(within: Floats) -> Floats:
    """(K,) mean over questions and values of (Q, K, d); NaN without any."""
    present = ~np.isnan(within)
    number = present.sum(axis=(0, 2))
    total = np.where(present, within, 0.0).sum(axis=(0, 2))
    return np.asarray(np.divide(total, number, out=np.full(len(number), np.nan), where=number > 0))


def answers_needed(noise: NoiseEstimates, most: int) -> tuple[int, ...]:
    """For each model the least number at which its part of a difference's variance is as small as need be.

    That part, ``between + within / L``, may exceed what it is at L = ``most`` by the share ``VARIANCE_INCREASE``.
    ``between`` is a mean over the other models and values, and so is the bound: of two models that are alike the
    variance may grow more. At least ``FEWEST_ANSWERS``; ``most`` where the pilot tells nothing of a model, or nothing
    but chance.
    """
    numbers = []
    for within, between in zip(noise.within.tolist(), noise.between.tolist(), strict=True):
        allowed = (1 + VARIANCE_INCREASE) * (between + within / most)
        enough = (number for number in range(FEWEST_ANSWERS, most) if between + within / number <= allowed)
        # A comparison with NaN is false: nothing is enough.
        numbers.append(next(enough, most))
    return tuple(numbers)


def affordable_answers(noise: NoiseEstimates, needed: Sequence[int], affordable: int) -> tuple[int, ...]:
    """``needed``, cut to a sum of ``affordable`` answers a question where that is less, ``FEWEST_ANSWERS`` at least.

    More questions tell more than more answers to fewer, so that a budget which does not pay for all pays for every
    question first. Then one answer at a time goes where it takes off the most variance, within / (L (L + 1)).
    """
    numbers = [min(FEWEST_ANSWERS, number) for number in needed]
    noisy = np.nan_to_num(noise.within, nan=0.25)
    while sum(numbers) < affordable:
        gains = [
            within / (number * (number + 1)) if number < most else -1.0
            for within, number, most in zip(noisy, numbers, needed, strict=True)
        ]
        best = int(np.argmax(gains))
        if gains[best] < 0:
            break
        numbers[best] += 1
    return tuple(numbers)
