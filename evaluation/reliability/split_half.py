"""Split-half reliability: do two halves of the answers tell the same of the models? (METHOD.md section 5).

A correlation of halves is high wherever questions or values differ in their base rates, even if the models do not
differ at all; and it is high for whatever labels a model's style. So each figure stands beside two others: what it is
after the model labels have been shuffled within question x wording, and what it is for judges that know nothing of
values (``random_judges``). Only what exceeds both is about the models' values.

The figures are plain correlations, of half the answers with the other half, averaged over random halvings. They are not
stepped up to the full length (Spearman-Brown): the observed and the shuffled figure would both be, the shuffled one is
around zero or below, where the formula means nothing, and the comparison is the point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.stats import binomtest

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints

LEVEL = 0.05
"""Of judges that know nothing, and of shuffled models, at most this share may correlate as much as the judge does."""

JUDGES_A_LOOK = 40
"""After so many random judges, and again after each so many more, it is seen whether the verdict is settled."""

HALVINGS = 40
"""Random halvings that each figure is averaged over; the same ones for all judges and shuffles."""

FEWEST_QUESTIONS = 5
"""A correlation over fewer questions says nothing."""

STATISTICS = ("quadratic", "profiles", "raw_profiles")


@dataclass(frozen=True)
class SplitHalf:
    """One statistic's split-half correlation, and the same where there is nothing to see.

    observed        mean correlation over the halvings; NaN where the statistic does not vary
    shuffled_mean, shuffled_high   mean and 95th percentile of the same figure over the shuffles; NaN where it does not
                                   vary, and a percentile of -inf without any
    random_mean, random_high       the same over the random judges
    reached         the share of random judges that correlate as much as the observed figure or more, with its 99 %
                    interval (Clopper-Pearson): what drawing other random judges may change. (0, 0, 0) without any
    """

    observed: float
    shuffled_mean: float
    shuffled_high: float
    random_mean: float
    random_high: float
    reached: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def exceeds(self) -> bool:
        """Whether the observed figure lies above both 95th percentiles, and other random judges would not change it."""
        return self.observed > self.shuffled_high and self.reached[2] <= LEVEL

    @property
    def on_the_border(self) -> bool:
        """Whether it lies above that of shuffled models, and with other random judges may or may not above theirs."""
        low, high = self.reached[1:]
        return self.observed > self.shuffled_high and low <= LEVEL < high


@dataclass(frozen=True)
class SplitHalves:
    """The three figures and what they rest on.

    quadratic       G per question, unbiased, so that a base rate alone does not correlate
    profiles        double-centred profiles: the rate of each model and value minus the model's and the value's mean
    raw_profiles    rates of each model and value as they are: shown for comparison
    models, questions   how many the figures rest on
    left_out        labels of the models that the figures leave out, having too few answers
    random_judges   how many were drawn
    """

    quadratic: SplitHalf
    profiles: SplitHalf
    raw_profiles: SplitHalf
    models: int
    questions: int
    left_out: tuple[Any, ...]
    random_judges: int = 0


def split_half(
    expressions: Bools,
    question: ArrayLike,
    model: ArrayLike,
    wording: ArrayLike,
    *,
    rng: np.random.Generator,
    random_judges: Iterable[Bools] = (),
    shuffles: int = 200,
    halvings: int = HALVINGS,
) -> SplitHalves | None:
    """Split-half correlations of N judged answers, beside those of shuffled model labels and of other judges.

    expressions   (N, d) bool
    question, model, wording   (N,) labels of any kind. The wordings are halved, the same way for all models; with a
                  single one, each model's answers to each question
    random_judges labels (N, d) of the same answers by each of them; only as many are taken as settle the verdicts on G
                  per question and on the profiles, looked at after every ``JUDGES_A_LOOK``
    shuffles      permutations of whole answers among the models within question x wording

    Only questions count on which every model has two answers in each half of every halving; what was not answered is
    missing from the input. Models that would take away more than half of the questions are left out (``_balanced``).
    None where fewer than two models or ``FEWEST_QUESTIONS`` such questions remain.
    """
    answers = np.asarray(expressions, dtype=bool)
    models, of_model = np.unique(np.asarray(model), return_inverse=True)
    questions, of_question = np.unique(np.asarray(question), return_inverse=True)
    wordings, of_wording = np.unique(np.asarray(wording), return_inverse=True)
    if len(models) < 2:
        return None
    cell = of_question * len(models) + of_model
    first = _first_halves(of_wording if len(wordings) > 1 else None, cell, halvings, rng)
    per_half = _half_sums(first, cell, len(questions) * len(models))(np.ones((len(cell), 1)))
    complete = (per_half >= 2).all(axis=(0, 1)).reshape(len(questions), len(models))
    kept, whole = _balanced(complete)
    if whole.sum() < FEWEST_QUESTIONS:
        return None
    rows = whole[of_question] & kept[of_model]
    shape = int(whole.sum()), int(kept.sum())
    cell = np.unique(cell[rows], return_inverse=True)[1]
    half_sums = _half_sums(first[:, rows], cell, shape[0] * shape[1])
    given = half_sums(np.ones((len(cell), 1))).reshape(halvings, 2, *shape, 1)

    def correlations(labels: Bools) -> Floats:
        return _correlations(half_sums(labels).reshape(halvings, 2, *shape, -1), given)

    answers = answers[rows]
    stratum = (of_question * len(wordings) + of_wording)[rows]
    observed = correlations(answers)
    shuffled = [correlations(answers[_permutation(stratum, rng)]) for _ in range(shuffles)]
    others: list[Floats] = []
    for labels in random_judges:
        others.append(correlations(np.asarray(labels, dtype=bool)[rows]))
        if len(others) % JUDGES_A_LOOK == 0 and _settled(observed, others):
            break
    figures = {
        name: SplitHalf(
            float(observed[column]),
            *_summary(shuffled, column),
            *_summary(others, column),
            _reached(float(observed[column]), others, column),
        )
        for column, name in enumerate(STATISTICS)
    }
    left_out = tuple(models[~kept].tolist())
    return SplitHalves(**figures, models=shape[1], questions=shape[0], left_out=left_out, random_judges=len(others))


def _settled(observed: Floats, others: Sequence[Floats]) -> bool:
    """Whether more random judges would hardly change a verdict."""
    ends = [_reached(float(observed[column]), others, column)[1:] for column in range(2)]
    return all(high <= LEVEL or low > LEVEL for low, high in ends)


def _reached(observed: float, others: Sequence[Floats], column: int) -> tuple[float, float, float]:
    """The share of ``others`` that are as large, and its interval. NaN counts as large: it cannot be said to be less.

    Of a figure that is NaN itself all others are as large.
    """
    if not others:
        return 0.0, 0.0, 0.0
    number = sum(not each[column] < observed for each in others)
    interval = binomtest(number, len(others)).proportion_ci(0.99)
    return number / len(others), float(interval.low), float(interval.high)


def _first_halves(wording: Ints | None, cell: Ints, halvings: int, rng: np.random.Generator) -> Bools:
    """(S, N) which answers each halving puts into its first half; an odd one falls to the second."""
    if wording is not None:
        units = int(wording.max(initial=-1)) + 1
        order = rng.permuted(np.broadcast_to(np.arange(units), (halvings, units)), axis=1)
        return np.asarray((order < units // 2)[:, wording])
    size = np.bincount(cell)
    start = np.cumsum(size) - size
    first = np.empty((halvings, len(cell)), dtype=bool)
    for row in first:
        by_cell = np.lexsort((rng.random(len(cell)), cell))
        row[by_cell] = np.arange(len(cell)) - start[cell[by_cell]] < size[cell[by_cell]] // 2
    return first


def _half_sums(first: Bools, cell: Ints, cells: int) -> Callable[[ArrayLike], Floats]:
    """A function from (N, d) of the answers to their sums (S, 2, cells, d) over each half of each cell."""
    halvings, answers = first.shape
    place = (2 * np.arange(halvings)[:, None] + ~first) * cells + cell
    columns = np.broadcast_to(np.arange(answers), first.shape)
    entries = np.ones(first.size), (place.ravel(), columns.ravel())
    adding = csr_array(entries, shape=(halvings * 2 * cells, answers))

    def sums(of_answers: ArrayLike) -> Floats:
        return np.asarray(adding @ np.asarray(of_answers, dtype=np.float64)).reshape(halvings, 2, cells, -1)

    return sums


def _balanced(complete: Bools) -> tuple[Bools, Bools]:
    """Which models (K,) and questions (Q,) make a full grid, where ``complete`` (Q, K) says which cells are filled.

    As many models as share at least half of the questions that the two fullest models share: one with few answers is
    left out before it leaves hardly a question to the others.
    """
    order = np.argsort(-complete.sum(axis=0), kind="stable")
    shared = np.logical_and.accumulate(complete[:, order], axis=1)
    common = shared.sum(axis=0)
    number = int(np.flatnonzero(common >= common[1] / 2)[-1]) + 1
    kept = np.zeros(complete.shape[1], dtype=bool)
    kept[order[:number]] = True
    return kept, shared[:, number - 1]


def _permutation(stratum: Ints, rng: np.random.Generator) -> Ints:
    """(N,) which answer takes each answer's place: another of its stratum, so that every place stays filled."""
    taker = np.empty_like(stratum)
    taker[np.argsort(stratum, kind="stable")] = np.lexsort((rng.random(len(stratum)), stratum))
    return taker


def _correlations(counts: Floats, answers: Floats) -> Floats:
    """(3,) the statistics' correlations between halves, each a mean over halvings, in the order of ``STATISTICS``.

    ``counts`` (S, 2, Q, K, d) answers that express each value, ``answers`` (S, 2, Q, K, 1) all.
    """
    rates = counts / answers
    models, values = rates.shape[-2:]
    between = rates.var(axis=-2, ddof=1)
    within = (rates * (1.0 - rates) / (answers - 1.0)).mean(axis=-2)
    quadratic = 4.0 * (models - 1) / (models * values) * (between - within).sum(axis=-1)
    profiles = counts.sum(axis=2) / answers.sum(axis=2)
    centred = profiles - profiles.mean(axis=-1, keepdims=True) - profiles.mean(axis=-2, keepdims=True)
    centred += profiles.mean(axis=(-2, -1), keepdims=True)
    return np.array([_mean_correlation(each) for each in (quadratic, centred, profiles)])


def _mean_correlation(halves: Floats) -> float:
    """Mean over halvings of the correlation between the two halves; ``halves`` (S, 2, …). NaN where none varies."""
    flat = halves.reshape(*halves.shape[:2], -1)
    centred = flat - flat.mean(axis=-1, keepdims=True)
    covariance = (centred[:, 0] * centred[:, 1]).sum(axis=-1)
    scale = np.sqrt(np.square(centred).sum(axis=-1).prod(axis=-1))
    varies = scale > 1e-12
    return float((covariance[varies] / scale[varies]).mean()) if varies.any() else float("nan")


def _summary(figures: Sequence[Floats], column: int) -> tuple[float, float]:
    """Mean and 95th percentile of one statistic, NaN left out: that of 40 figures is the second largest."""
    known = np.array([each[column] for each in figures if not np.isnan(each[column])])
    if not len(known):
        return np.nan, np.nan if figures else -np.inf
    return float(known.mean()), float(np.quantile(known, 0.95, method="higher"))
