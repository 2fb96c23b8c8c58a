"""From judged answers to counts: which models count, how many answers each gave, how often each value is expressed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .entropy import Floats

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def counted_models(answered: Bools) -> Bools:
    """Which models count: those with at least two answers (METHOD.md section 2). ``answered`` (K, L) -> (K,)."""
    enough: Bools = np.asarray(answered, dtype=bool).sum(axis=-1) >= 2
    return enough


def expression_rates(expressions: Bools, answered: Bools) -> Floats:
    """``p[i, v]``: share of model i's answers that express value v; (K, L, d) and (K, L) to (K, d), NaN without any."""
    mask = np.asarray(answered, dtype=bool)
    counts = (np.asarray(expressions, dtype=bool) & mask[..., None]).sum(axis=-2)
    answers = mask.sum(axis=-1)[..., None]
    rates: Floats = np.divide(counts, answers, out=np.full(counts.shape, np.nan), where=answers > 0)
    return rates


def replicates_identical(expressions: Bools, answered: Bools) -> bool:
    """Whether every counted model expresses the same values in all its answers.

    Then the samples may be no replicates (temperature 0, a cache): the test and the interval are to be doubted.
    """
    counted = counted_models(answered)
    rates = expression_rates(expressions, answered)[counted]
    return bool(counted.any() and np.all((rates == 0) | (rates == 1)))


@dataclass(frozen=True)
class Counted:
    """The counted models' answers of one question, without gaps.

    answers   (N, d) bool: all answers, those of one model side by side
    samples   (K,) answers of each model, each at least 2
    stratum   (N,) index of each answer's stratum (the wording that it answers); all 0 without strata
    """

    answers: Bools
    samples: Ints
    stratum: Ints

    @property
    def starts(self) -> Ints:
        """(K,) index of each model's first answer."""
        return np.concatenate(([0], np.cumsum(self.samples)[:-1]))

    @property
    def counts(self) -> Ints:
        """(K, d) answers of each model that express each value."""
        return np.add.reduceat(self.answers, self.starts, axis=0, dtype=np.int64)

    @property
    def balanced(self) -> bool:
        """Whether all models gave equally many answers, in one stratum: noise then has closed forms."""
        return bool(np.all(self.samples == self.samples[0])) and not self.stratum.any()


def count_answers(expressions: Bools, answered: Bools, strata: NDArray[np.int64] | None = None) -> Counted:
    """Drop what was not answered and the models that do not count.

    ``strata`` (K, L) labels each answer's stratum with any integers. Raises ValueError when shapes do not fit or fewer
    than two models have two answers.
    """
    expressed = np.asarray(expressions, dtype=bool)
    mask = np.asarray(answered, dtype=bool)
    if expressed.ndim != 3 or expressed.shape[:2] != mask.shape or expressed.shape[2] == 0:
        raise ValueError(f"expressions {expressed.shape} and answered {mask.shape} must be (K, L, d) and (K, L)")
    counted = counted_models(mask)
    if counted.sum() < 2:
        raise ValueError(f"{int(counted.sum())} of {len(counted)} models have two answers; a divergence needs two")
    used = mask & counted[:, None]
    if strata is None:
        stratum = np.zeros(int(used.sum()), dtype=np.int64)
    else:
        if np.shape(strata) != mask.shape:
            raise ValueError(f"strata {np.shape(strata)} must have the shape of answered {mask.shape}")
        stratum = np.unique(np.asarray(strata)[used], return_inverse=True)[1].astype(np.int64)
    return Counted(expressed[used], mask[counted].sum(axis=1).astype(np.int64), stratum)
