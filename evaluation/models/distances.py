"""How far apart each pair of models is: the square root of the pair's divergence (METHOD.md section 5).

The permutation test permutes whole answers between the two models, all values together, within each question (and
wording): the null hypothesis "the two answer every question alike". Swapping models over whole questions or topics
would test nothing, since a divergence does not know which model is which; shuffling over questions would take the
questions' own base rates for a difference. So the test is about these questions; the interval, which resamples topics,
about questions like these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..divergence.entropy import Floats, binary_entropy
from ..divergence.expressions import Bools, Ints
from ..divergence.noise_floor import SCALED_PART, NoiseFloor, entropy_bias_by_count, scaled_floor
from ..divergence.permutation import TOLERANCE
from ..intervals.topic_bootstrap import DRAWS, bootstrap_t_intervals, draw_topics

PERMUTATIONS = 999

MOST_PERMUTATIONS = 256
"""Permutations of one question's answers that are listed one by one; of more, this many are drawn."""

_BLOCK = 2_000_000

Number = TypeVar("Number", np.float64, np.int64)


@dataclass(frozen=True)
class Distances:
    """Distances between K models, each array symmetric with zeros, or NaN, on its diagonal.

    distance    (K, K) sqrt(max(D*, 0)), square root of bits; NaN for a pair that has no question in common
    divergence  (K, K) D* of the pair, mean over questions, bits; never cut, may be negative
    interval    (K, K, 2) 95 % of the distance, topics as the unit; NaN with fewer than five topics
    p_value     (K, K) permutation test of "the two models answer every question alike"; NaN on the diagonal, and where
                nothing can be tested
    questions   (K, K) on which both models have two answers
    """

    distance: Floats
    divergence: Floats
    interval: Floats
    p_value: Floats
    questions: Ints


def pair_distances(
    expressions: Bools,
    answered: Bools,
    topics: ArrayLike,
    rng: np.random.Generator,
    *,
    strata: ArrayLike | None = None,
    permutations: int = PERMUTATIONS,
    draws: int = DRAWS,
    noise_floor: NoiseFloor = "scaled",
) -> Distances:
    """Distances from ``expressions`` (Q, K, L, d) bool, read where ``answered`` (Q, K, L); ``topics`` (Q,) labels.

    ``strata`` (Q, K, L) labels each answer's wording: answers are permuted only among those of one wording. A pair's
    questions are those on which both have two answers; each weighs alike. ``noise_floor`` is what is subtracted from a
    pair's plug-in divergence. Raises ValueError when shapes do not fit.
    """
    expressed = np.asarray(expressions, dtype=bool)
    mask = np.asarray(answered, dtype=bool)
    if expressed.ndim != 4 or expressed.shape[:3] != mask.shape or np.shape(topics) != mask.shape[:1]:
        raise ValueError(f"expressions {expressed.shape}, answered {mask.shape}, topics {np.shape(topics)} do not fit")
    if strata is not None and np.shape(strata) != mask.shape:
        raise ValueError(f"strata {np.shape(strata)} must have the shape of answered {mask.shape}")
    wording = np.zeros(mask.shape, dtype=np.int64)
    if strata is not None:
        wording = np.unique(np.asarray(strata), return_inverse=True)[1].reshape(mask.shape)
    models = mask.shape[1]
    pairs = list(combinations(range(models), 2))
    scores = np.full((len(mask), len(pairs)), np.nan)
    p_values = np.full(len(pairs), np.nan)
    lot = rng.random((len(mask), permutations), dtype=np.float32)
    for column, pair in enumerate(pairs):
        both = mask[:, pair].sum(axis=2).min(axis=1) >= 2
        if both.any():
            scores[both, column], p_values[column] = _compare(
                expressed[both][:, pair],
                mask[both][:, pair],
                wording[both][:, pair],
                lot[both],
                rng,
                SCALED_PART[noise_floor],
            )
    means = np.full(len(pairs), np.nan)
    intervals = np.full((len(pairs), 2), np.nan)
    if pairs and len(mask):
        means, intervals = bootstrap_t_intervals(scores, draw_topics(topics, rng, draws))
    divergence = _square(means, models, 0.0)
    return Distances(
        distance=np.sqrt(np.maximum(divergence, 0.0)),
        divergence=divergence,
        interval=np.sqrt(np.maximum(_square(intervals, models, np.nan), 0.0)),
        p_value=_square(p_values, models, np.nan),
        questions=_square((~np.isnan(scores)).sum(axis=0), models, 0),
    )


def _square(values: NDArray[Number], models: int, diagonal: float) -> NDArray[Number]:
    """(K, K, ...) from values in the order of ``combinations``."""
    square = np.full((models, models, *values.shape[1:]), diagonal, dtype=values.dtype)
    first, second = np.triu_indices(models, 1)
    square[first, second] = square[second, first] = values
    return square


def _compare(
    expressed: Bools, mask: Bools, wording: Ints, lot: NDArray[np.float32], rng: np.random.Generator, part: float
) -> tuple[Floats, float]:
    """One pair's D* for each of n questions, and the p-value of their mean; the arrays (n, 2, L, ...), lot (n, B)."""
    observed, scores = np.empty(len(mask)), np.empty(len(mask))
    permuted, testable = np.zeros(lot.shape[1]), False
    for rows, to_first in _designs(mask, wording, rng):
        pool = expressed[rows].reshape(len(rows), -1, expressed.shape[-1])
        present = mask[rows[0]].ravel()
        own = present & (np.arange(len(present)) < len(present) // 2)
        plug_in, bias = _statistics(pool, own[None], (present & ~own)[None])[..., 0]
        observed[rows] = plug_in
        testable |= len(to_first) > 1
        step = max(1, _BLOCK // (len(to_first) * pool.shape[-1] + lot.shape[1]))
        for start in range(0, len(rows), step):
            block = slice(start, start + step)
            some = rows[block]
            divergences, biases = _statistics(pool[block], to_first, present & ~to_first)
            floor = scaled_floor(divergences.mean(axis=1), bias[block], biases.mean(axis=1), part)
            scores[some] = plug_in[block] - floor
            drawn = (lot[some] * len(to_first)).astype(np.intp)
            # Single-precision lots may round up to 1.
            permuted += np.take_along_axis(divergences, np.minimum(drawn, len(to_first) - 1), axis=1).sum(axis=0)
    beyond = np.count_nonzero(permuted >= observed.sum() - TOLERANCE * len(mask))
    return scores, (1 + beyond) / (1 + lot.shape[1]) if testable else float("nan")


def _designs(mask: Bools, wording: Ints, rng: np.random.Generator) -> Iterator[tuple[Ints, Bools]]:
    """Questions with the same design, and its permutations (P, 2 L): whether an answer falls to the first model."""
    design = np.where(mask, wording, -1).reshape(len(mask), -1)
    kinds, kind = np.unique(design, axis=0, return_inverse=True)
    order = np.argsort(kind.ravel(), kind="stable")
    rows_of = np.split(order, np.cumsum(np.bincount(kind.ravel(), minlength=len(kinds)))[:-1])
    for answers, rows in zip(kinds, rows_of, strict=True):
        yield rows, _permutations(tuple(answers.tolist()), rng)


def _permutations(design: tuple[int, ...], rng: np.random.Generator) -> Bools:
    """All permutations of a design within its strata, or ``MOST_PERMUTATIONS`` random ones.

    ``design`` (2 L,) is -1 where nothing was answered.
    """
    if (listed := _all_permutations(design)) is not None:
        return listed
    strata = np.array(design)
    own = np.arange(len(strata)) < len(strata) // 2
    to_first = np.zeros((MOST_PERMUTATIONS, len(strata)), dtype=bool)
    for stratum in np.unique(strata[strata >= 0]):
        places = np.flatnonzero(strata == stratum)
        to_first[:, places] = rng.permuted(np.broadcast_to(own[places], (MOST_PERMUTATIONS, len(places))), axis=1)
    return to_first


@lru_cache(maxsize=256)
def _all_permutations(design: tuple[int, ...]) -> Bools | None:
    """Every permutation within strata; None when there are more than ``MOST_PERMUTATIONS``."""
    strata = np.array(design)
    own = np.arange(len(strata)) < len(strata) // 2
    groups = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata[strata >= 0])]
    number = 1
    for places in groups:
        number *= comb(len(places), int(own[places].sum()))
    if number > MOST_PERMUTATIONS:
        return None
    to_first = np.zeros((1, len(strata)), dtype=bool)
    for places in groups:
        subsets = list(combinations(places.tolist(), int(own[places].sum())))
        to_first = np.repeat(to_first, len(subsets), axis=0)
        for row, subset in enumerate(subsets * (len(to_first) // len(subsets))):
            to_first[row, list(subset)] = True
    if len(groups) == 1 and 2 * own[groups[0]].sum() == len(groups[0]):
        to_first = to_first[to_first[:, groups[0][0]]]  # the other half only swaps the two models
    to_first.setflags(write=False)
    return to_first


def _statistics(pool: Bools, to_first: Bools, to_second: Bools) -> Floats:
    """Plug-in divergence of two models and the bias of their entropies, bits; (2, n, P).

    ``pool`` (n, 2 L, d) both models' answers; ``to_first``, ``to_second`` (P, 2 L) which fall to either.
    """
    sizes = int(to_first[0].sum()), int(to_second[0].sum())
    first = np.arange(sizes[0] + 1)[:, None] / sizes[0]
    second = np.arange(sizes[1] + 1) / sizes[1]
    # Entropy is concave: less than zero is rounding.
    gap = binary_entropy((first + second) / 2) - (binary_entropy(first) + binary_entropy(second)) / 2
    bias = (entropy_bias_by_count(sizes[0])[:, None] + entropy_bias_by_count(sizes[1])) / 2
    tables = np.stack([np.maximum(gap, 0.0).ravel(), bias.ravel()])
    answers = pool.astype(np.float32)
    # Fewer than 2^24 answers are counted exactly in single precision.
    cell = (to_first * np.float32(sizes[1] + 1) + to_second.astype(np.float32)) @ answers
    return np.asarray(np.take(tables, cell.astype(np.intp), axis=1).mean(axis=-1))
