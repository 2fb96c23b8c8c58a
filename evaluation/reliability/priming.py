"""Validity by priming: a model told to hold a value must express it more, and its opposites less (METHOD.md section 5).

Each value is compared with the same model's own unprimed rate of that value on the same questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools
from ..intervals.multiplicity import q_values
from ..models.contrasts import PairedDifferences, paired_differences
from ..models.measurements import Measurements


@dataclass(frozen=True)
class Effect:
    """Primed minus unprimed, for W primes and K models; all arrays (W, K).

    baseline, primed   rates over the common questions
    differences        paired by question, intervals and tests by topic
    cohen_h            2 asin(sqrt(primed)) - 2 asin(sqrt(baseline)): unlike a difference, not cramped near 0 and 1
    q_value            over all primes x models
    """

    baseline: Floats
    primed: Floats
    differences: PairedDifferences
    cohen_h: Floats
    q_value: Floats


@dataclass(frozen=True)
class PrimingEffects:
    """What priming did: ``own`` should rise, ``opposite`` (the mean rate of the value's opposites) should fall.

    ``others`` is the mean rate of the values that are neither: a rise there means that primed answers name more values
    of any kind. A prime without such values has NaN.
    """

    own: Effect
    opposite: Effect
    others: Effect


def priming_effects(
    baseline: Measurements, primed: Sequence[Measurements], values: Sequence[int], opposites: ArrayLike
) -> PrimingEffects:
    """Effects of W >= 1 primes: ``primed[w]`` was measured while every model was told to hold value ``values[w]``.

    ``baseline`` and each of ``primed`` have the same questions, models and values, in the same order. ``opposites``
    (d, d) bool: [v, o] where o is an opposite of v.
    """
    against = np.asarray(opposites, dtype=bool)
    shape = baseline.rates.shape
    if not primed or len(primed) != len(values):
        raise ValueError(f"{len(primed)} primed measurements for {len(values)} values; at least one is needed")
    if any(each.rates.shape != shape or not np.array_equal(each.topics, baseline.topics) for each in primed):
        raise ValueError("primed measurements must have the questions, models and values of the baseline")
    if against.shape != (shape[2], shape[2]):
        raise ValueError(f"opposites {against.shape} must be {(shape[2], shape[2])}")
    own = np.eye(shape[2], dtype=bool)[list(values)]
    opposite = against[list(values)] & ~own
    return PrimingEffects(
        own=_effect(baseline, primed, own),
        opposite=_effect(baseline, primed, opposite),
        others=_effect(baseline, primed, ~own & ~opposite),
    )


def _effect(baseline: Measurements, primed: Sequence[Measurements], chosen: Bools) -> Effect:
    """The effect on the mean rate of the ``chosen`` (W, d) values."""
    weights = chosen / np.where(chosen.any(axis=1), chosen.sum(axis=1), np.nan)[:, None]
    before = np.einsum("qkd,wd->qwk", baseline.rates, weights)
    after = np.stack([each.rates @ weight for each, weight in zip(primed, weights, strict=True)], axis=1)
    answers = np.stack([each.answers for each in primed], axis=1)
    differences = paired_differences(after, before, answers, baseline.answers[:, None], baseline.topics)
    missing = np.isnan(before) | np.isnan(after)
    rates = [_mean_present(each, missing) for each in (before, after)]
    angles = [2 * np.arcsin(np.sqrt(np.clip(rate, 0.0, 1.0))) for rate in rates]
    return Effect(rates[0], rates[1], differences, angles[1] - angles[0], q_values(differences.p_value))


def _mean_present(rates: Floats, missing: Bools) -> Floats:
    number = (~missing).sum(axis=0)
    total = np.where(missing, 0.0, rates).sum(axis=0)
    return np.asarray(np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0))
