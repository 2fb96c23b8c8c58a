"""Which models differ on which values: paired differences over the same questions (METHOD.md section 5).

A difference is tested with the cluster-robust t by topic; false discoveries are controlled over all pairs x values by
Benjamini–Hochberg. Tests of pairs that share a model depend on each other, in both directions; for pairwise
comparisons BH holds nevertheless (Yekutieli 2008, J. Statistical Planning and Inference 138), which
experiments/evaluation_statistics.py confirms, and Benjamini–Yekutieli would cost a factor of 7 at 1,000 tests.
The interval combines those of the two rates with their correlation (MOVER: Newcombe 1998, method 10), because the t
interval of a difference of rare values covers too little, and is a point where neither model expresses the value.

Who reports the differences that were found reports the largest by chance, too: 95 % intervals of these covered 80 to
93 % of the largest. So they are widened to the level 1 - 0.05 R / m, R of m tests being reported, which keeps the false
coverage rate at 5 % (Benjamini and Yekutieli 2005, J. American Statistical Association 100(469)). That promises nothing
of the largest alone; measured, they cover it in 92 to 98 % (experiments/headline_intervals.py), and simultaneous
intervals, at half as wide again and more, in 97 to 100 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from ...domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints
from ..intervals.clustered_means import ClusteredMeans, clustered_means, rate_interval
from ..intervals.multiplicity import q_values
from ..intervals.wilson import NO_SPREAD
from ..questions.power import detectable_difference, questions_needed
from .measurements import Measurements

LEVEL = 0.05
"""Accepted rate of false discoveries."""

MARGIN = 0.05
"""Differences of rates below this do not matter, unless the caller says otherwise."""

NOMINAL = 0.95
"""Level of the intervals of differences that were not chosen for their size."""

DIFFERENT = "different"
ALIKE = "no difference larger than the margin"
UNSETTLED = "cannot be settled"


@dataclass(frozen=True)
class PairedDifferences:
    """First minus second over the questions that both answered; all arrays have the trailing shape of the rates.

    difference      of the mean rates, in [-1, 1]; NaN without a common question
    low, high       95 % interval; NaN with fewer than ``FEWEST_TOPICS_FOR_AN_INTERVAL`` topics
    standard_error, degrees   of the t test; where the difference never varies, the error that the interval implies
    p_value         two-sided; NaN (not tested) where there is no interval
    questions, topics   that both answered
    """

    difference: Floats
    low: Floats
    high: Floats
    standard_error: Floats
    degrees: Floats
    p_value: Floats
    questions: Ints
    topics: Ints

    def at_level(self, level: float) -> tuple[Floats, Floats]:
        """The ends of the intervals at another ``level`` than .95: as many times as far off as t quantiles say."""
        if level == NOMINAL:
            return self.low, self.high
        stretch = stdtrit(self.degrees, (1 + level) / 2) / stdtrit(self.degrees, (1 + NOMINAL) / 2)
        low = self.difference - (self.difference - self.low) * stretch
        high = self.difference + (self.high - self.difference) * stretch
        return np.asarray(np.maximum(low, -1.0)), np.asarray(np.minimum(high, 1.0))

    @property
    def planning_error(self) -> Floats:
        """The standard error that the interval's width implies: unlike the t test's not too small for rare values."""
        return np.asarray((self.high - self.low) / (2 * stdtrit(self.degrees, 0.975)))


@dataclass(frozen=True)
class Contrasts:
    """All P = K (K - 1) / 2 pairs of models; arrays are (P, d) unless said otherwise.

    pairs       (P, 2) indices of the models, the first below the second; differences are first minus second
    differences each pair's paired difference, 95 % interval and test
    low, high   the interval to report: of those that are ``DIFFERENT`` at ``selected_level``, of all others at 95 %
    selected_level   1 - ``LEVEL`` x different / tested; .95 where nothing is different
    q_value     over all pairs x values that were tested
    verdict     ``DIFFERENT`` where q <= ``LEVEL`` and the interval to report excludes 0; ``ALIKE`` where the interval
                lies within the margin; else, and with fewer than ``FEWEST_TOPICS_FOR_A_VERDICT`` topics,
                ``UNSETTLED``. DIFFERENT prevails over ALIKE
    detectable  the least difference that this design would find in 80 % of evaluations
    more_questions   questions to add (in new topics, as many a topic as now) so that a difference of ``margin`` would
                be found in 80 %; 0 for a settled contrast, NaN where nothing is known of the spread
    margin      the difference that matters
    """

    pairs: Ints
    differences: PairedDifferences
    low: Floats
    high: Floats
    selected_level: float
    q_value: Floats
    verdict: NDArray[np.str_]
    detectable: Floats
    more_questions: Floats
    margin: float


def contrasts(measured: Measurements, *, margin: float = MARGIN) -> Contrasts:
    """Contrasts of every pair of models on every value; P = 0 with a single model. ``margin`` in (0, 1]."""
    models = measured.rates.shape[1]
    pairs = np.array(np.triu_indices(models, k=1), dtype=np.int64).T
    alone = clustered_means(measured.rates, measured.topics)
    parts = [_against_later(measured, alone, first) for first in range(models - 1)]
    differences = concatenate_differences(parts) if parts else paired_differences(*_no_pairs(measured), measured.topics)
    return contrast_verdicts(differences, pairs, margin=margin)


def contrast_verdicts(differences: PairedDifferences, pairs: Ints, *, margin: float = MARGIN) -> Contrasts:
    """The verdicts on differences (P, d) of any ``pairs`` (P, 2), false discoveries controlled over all of them.

    ``margin`` in (0, 1]; raises ValueError otherwise.
    """
    if not 0 < margin <= 1:
        raise ValueError(f"margin must lie in (0, 1], not {margin}")
    q = q_values(differences.p_value)
    # The level that a contrast must meet to be discovered beside those that already are.
    tests = max(1, int((~np.isnan(q)).sum()))
    discoveries = int((q <= LEVEL).sum())
    level = LEVEL * min(discoveries + 1, tests) / tests
    error = differences.planning_error
    enough = differences.topics >= FEWEST_TOPICS_FOR_A_VERDICT
    different, selected_level = _discoveries(differences, enough & (q <= LEVEL), tests)
    low, high = (
        np.where(different, adjusted, usual)
        for adjusted, usual in zip(
            differences.at_level(selected_level), (differences.low, differences.high), strict=True
        )
    )
    alike = enough & ~different & (differences.low >= -margin) & (differences.high <= margin)
    needed = questions_needed(margin, error, differences.degrees, differences.questions, level=level)
    with np.errstate(divide="ignore", invalid="ignore"):
        for_topics = np.ceil(differences.questions * FEWEST_TOPICS_FOR_A_VERDICT / differences.topics)
    more = np.maximum(np.maximum(needed, for_topics) - differences.questions, 0)
    return Contrasts(
        pairs=pairs,
        differences=differences,
        low=low,
        high=high,
        selected_level=selected_level,
        q_value=q,
        verdict=np.where(different, DIFFERENT, np.where(alike, ALIKE, UNSETTLED)),
        detectable=detectable_difference(error, differences.degrees, level=level),
        more_questions=np.where(different | alike, 0.0, more),
        margin=margin,
    )


def _discoveries(differences: PairedDifferences, different: Bools, tests: int) -> tuple[Bools, float]:
    """Which of those that a test calls ``different`` have an interval that agrees, and the level of these intervals.

    The t test is too sure of rates that hardly vary. Whatever is left out makes the others' intervals wider.
    """
    while different.any():
        level = 1 - LEVEL * int(different.sum()) / tests
        low, high = differences.at_level(level)
        agreed = different & ((low > 0) | (high < 0))
        if agreed.sum() == different.sum():
            return different, level
        different = agreed
    return different, NOMINAL


def paired_differences(
    first: ArrayLike, second: ArrayLike, answers_first: ArrayLike, answers_second: ArrayLike, topics: ArrayLike
) -> PairedDifferences:
    """Differences of two sets of rates on the same questions: two models, two dates, primed and not.

    ``first`` and ``second`` (Q, ...) rates in [0, 1], NaN where missing, of shapes that broadcast; ``answers_*`` of the
    same number of axes, the answers behind each rate; ``topics`` (Q,). What either lacks is left out of both.
    """
    ones, others = np.broadcast_arrays(np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64))
    difference = ones - others
    missing = np.isnan(difference)
    sides = []
    for rates, answers in ((ones, answers_first), (others, answers_second)):
        counted = np.where(missing, 0, np.broadcast_to(answers, missing.shape)).sum(axis=0)
        sides.append((clustered_means(np.where(missing, np.nan, rates), topics), counted))
    (mine, my_answers), (theirs, their_answers) = sides
    return _differences(clustered_means(difference, topics), mine, my_answers, theirs, their_answers)


def _against_later(measured: Measurements, alone: ClusteredMeans, first: int) -> PairedDifferences:
    """Model ``first`` against all models after it, (K - 1 - first, d)."""
    rates, answers = measured.rates, measured.most_draws
    if np.any(answers[:, first:] == 0):
        later, counts = rates[:, first + 1 :], answers[:, :, None]
        own = rates[:, first : first + 1]
        return paired_differences(own, later, counts[:, first : first + 1], counts[:, first + 1 :], measured.topics)
    difference = clustered_means(rates[:, first : first + 1] - rates[:, first + 1 :], measured.topics)
    total = answers.sum(axis=0)[:, None]
    mine = _rows(alone, slice(first, first + 1))
    theirs = _rows(alone, slice(first + 1, None))
    return _differences(difference, mine, total[first], theirs, total[first + 1 :])


def _differences(
    difference: ClusteredMeans, mine: ClusteredMeans, my_answers: Floats, theirs: ClusteredMeans, their_answers: Floats
) -> PairedDifferences:
    my_low, my_high = rate_interval(mine, my_answers)
    their_low, their_high = rate_interval(theirs, their_answers)
    products = mine.standard_error * theirs.standard_error
    together = np.square(mine.standard_error) + np.square(theirs.standard_error) - np.square(difference.standard_error)
    varied = products > NO_SPREAD**2
    # Negative correlations are cut: they would widen the interval for a reason that is mostly noise.
    correlation = np.clip(np.divide(together / 2, products, out=np.zeros_like(products), where=varied), 0.0, 1.0)

    def distance(one: Floats, other: Floats) -> Floats:
        return np.asarray(np.sqrt(np.maximum(one**2 + other**2 - 2 * correlation * one * other, 0.0)))

    low = difference.mean - distance(mine.mean - my_low, their_high - theirs.mean)
    high = difference.mean + distance(my_high - mine.mean, theirs.mean - their_low)
    # Where the difference never varies, each topic counts as one comparison: none of C strayed (``rate_interval``).
    constant = difference.standard_error <= NO_SPREAD
    quantile = difference.quantile()
    half = quantile**2 / (np.maximum(difference.topics, 1) + quantile**2)
    low = np.where(constant, difference.mean - half, low)
    high = np.where(constant, difference.mean + half, high)
    error = np.where(constant, half / quantile, difference.standard_error)
    return PairedDifferences(
        difference=difference.mean,
        low=np.clip(low, -1.0, difference.mean),
        high=np.clip(high, difference.mean, 1.0),
        standard_error=error,
        degrees=difference.degrees,
        p_value=np.asarray(2.0 * stdtr(difference.degrees, -np.abs(difference.mean) / error)),
        questions=difference.questions,
        topics=difference.topics,
    )


def _rows(means: ClusteredMeans, rows: slice) -> ClusteredMeans:
    return ClusteredMeans(*(getattr(means, field.name)[rows] for field in fields(means)))


def concatenate_differences(parts: Sequence[PairedDifferences]) -> PairedDifferences:
    """Differences below each other, as if they had been found at once; at least one part."""
    names = [field.name for field in fields(PairedDifferences)]
    return PairedDifferences(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _no_pairs(measured: Measurements) -> tuple[Floats, Floats, Ints, Ints]:
    questions, _, values = measured.rates.shape
    nothing = np.zeros((questions, 0, values))
    return nothing, nothing, nothing.astype(np.int64), nothing.astype(np.int64)
