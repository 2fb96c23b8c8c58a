"""Split-half reliability: do two halves of the answers tell the same of the models? (METHOD.md section 5).

A correlation of halves is high wherever questions or values differ in their base rates, even if the models do not
differ at all. So each figure stands beside what it is after the model labels have been shuffled within question x
wording: only what exceeds that is about models.

The figures are plain correlations, of half the answers with the other half, averaged over random halvings. They are not
stepped up to the full length (Spearman-Brown): the observed and the shuffled figure would both be, the shuffled one is
around zero or below, where the formula means nothing, and the comparison is the point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..divergence.entropy import Floats, binary_entropy
from ..divergence.expressions import Bools, Ints

HALVINGS = 10
"""Random halvings that each figure is averaged over; the same ones for observed and shuffled answers."""

FEWEST_QUESTIONS = 5
"""A correlation over fewer questions says nothing."""

STATISTICS = ("quadratic", "profiles", "plug_in", "raw_profiles")


@dataclass(frozen=True)
class SplitHalf:
    """One statistic's split-half correlation and what shuffled model labels yield.

    observed        mean correlation over the halvings; NaN where the statistic does not vary
    shuffled_mean   mean of the same figure over the shuffles
    shuffled_high   its 95th percentile
    """

    observed: float
    shuffled_mean: float
    shuffled_high: float

    @property
    def exceeds(self) -> bool:
        """Whether the observed figure lies above the 95th percentile of the shuffled ones."""
        return self.observed > self.shuffled_high


@dataclass(frozen=True)
class SplitHalves:
    """The four figures and what they rest on.

    quadratic       G per question, unbiased, so that a base rate alone does not correlate
    profiles        double-centred profiles: the rate of each model and value minus the model's and the value's mean
    plug_in         plug-in divergence per question, biased: shown for comparison
    raw_profiles    rates of each model and value as they are: shown for comparison
    models, questions   how many the figures rest on; ``units`` is the number of wordings (or samples) that were halved
    """

    quadratic: SplitHalf
    profiles: SplitHalf
    plug_in: SplitHalf
    raw_profiles: SplitHalf
    models: int
    questions: int
    units: int

    @property
    def sees_differences(self) -> bool:
        """Whether both G and the double-centred profiles exceed their shuffled figures."""
        return self.quadratic.exceeds and self.profiles.exceeds


def split_half(
    expressions: Bools,
    question: ArrayLike,
    model: ArrayLike,
    wording: ArrayLike,
    sample: ArrayLike,
    *,
    rng: np.random.Generator,
    shuffles: int = 200,
    halvings: int = HALVINGS,
) -> SplitHalves | None:
    """Split-half correlations of N judged answers, beside the same with shuffled model labels.

    expressions   (N, d) bool
    question, model, wording, sample   (N,) labels of any kind. The wordings are halved; with a single one, the samples
    shuffles      permutations of whole answers among the models within question x wording

    Only questions count on which every model has two answers in each half of every halving; what was not answered is
    missing from the input. None with fewer than two models, four units or ``FEWEST_QUESTIONS`` such questions.
    """
    answers = np.asarray(expressions, dtype=bool)
    models, of_model = np.unique(np.asarray(model), return_inverse=True)
    questions, of_question = np.unique(np.asarray(question), return_inverse=True)
    wordings, of_wording = np.unique(np.asarray(wording), return_inverse=True)
    of_unit = of_wording if len(wordings) > 1 else np.unique(np.asarray(sample), return_inverse=True)[1]
    units = int(of_unit.max()) + 1 if len(answers) else 0
    if len(models) < 2 or units < 4:
        return None
    shape = len(questions), len(models), units
    halves = _halves(units, halvings, rng)
    complete = _complete(_counts(None, of_question, of_model, of_unit, shape), halves)
    if complete.sum() < FEWEST_QUESTIONS:
        return None
    rows = complete[of_question]
    answers = answers[rows]
    of_model = of_model[rows]
    of_unit = of_unit[rows]
    of_question = np.unique(of_question[rows], return_inverse=True)[1]
    of_wording = of_wording[rows]
    shape = int(complete.sum()), len(models), units
    stratum = of_question * len(wordings) + of_wording

    given = np.tensordot(halves, _counts(None, of_question, of_model, of_unit, shape), axes=(2, 0))

    def correlations(permuted: Bools) -> Floats:
        counts = np.tensordot(halves, _counts(permuted, of_question, of_model, of_unit, shape), axes=(2, 0))
        return _correlations(counts, given)

    observed = correlations(answers)
    shuffled = np.array([correlations(answers[_permutation(stratum, rng)]) for _ in range(shuffles)])
    figures = {
        name: SplitHalf(float(observed[column]), *_summary(shuffled[:, column]))
        for column, name in enumerate(STATISTICS)
    }
    return SplitHalves(**figures, models=len(models), questions=shape[0], units=units)


def _halves(units: int, halvings: int, rng: np.random.Generator) -> Floats:
    """(S, 2, U): which units each half of each halving takes; an odd unit falls to the second half."""
    order = rng.permuted(np.broadcast_to(np.arange(units), (halvings, units)), axis=1)
    first = order < units // 2
    return np.stack([first, ~first], axis=1).astype(np.float64)


def _counts(answers: Bools | None, question: Ints, model: Ints, unit: Ints, shape: tuple[int, int, int]) -> Floats:
    """(U, Q, K, d) answers of each cell that express each value; without ``answers`` all of them, d = 1."""
    questions, models, units = shape
    cell = (unit * questions + question) * models + model
    size = units * questions * models
    columns = [None] if answers is None else list(answers.T)
    counts = np.stack([np.bincount(cell, weights=column, minlength=size) for column in columns], axis=-1)
    return counts.astype(np.float64).reshape(units, questions, models, -1)


def _complete(given: Floats, halves: Floats) -> Bools:
    """(Q,) questions on which every model has two answers in every half; ``given`` (U, Q, K, 1)."""
    in_half = np.tensordot(halves, given[..., 0], axes=(2, 0))
    return np.asarray((in_half >= 2).all(axis=(0, 1, 3)))


def _permutation(stratum: Ints, rng: np.random.Generator) -> Ints:
    """(N,) which answer takes each answer's place: another of its stratum, so that every place stays filled."""
    taker = np.empty_like(stratum)
    taker[np.argsort(stratum, kind="stable")] = np.lexsort((rng.random(len(stratum)), stratum))
    return taker


def _correlations(counts: Floats, answers: Floats) -> Floats:
    """(4,) the statistics' correlations between halves, each a mean over halvings, in the order of ``STATISTICS``.

    ``counts`` (S, 2, Q, K, d) answers that express each value, ``answers`` (S, 2, Q, K, 1) all.
    """
    rates = counts / answers
    models, values = rates.shape[-2:]
    between = rates.var(axis=-2, ddof=1)
    within = (rates * (1.0 - rates) / (answers - 1.0)).mean(axis=-2)
    quadratic = 4.0 * (models - 1) / (models * values) * (between - within).sum(axis=-1)
    plug_in = (binary_entropy(rates.mean(axis=-2)) - binary_entropy(rates).mean(axis=-2)).mean(axis=-1)
    profiles = counts.sum(axis=2) / answers.sum(axis=2)
    centred = profiles - profiles.mean(axis=-1, keepdims=True) - profiles.mean(axis=-2, keepdims=True)
    centred += profiles.mean(axis=(-2, -1), keepdims=True)
    return np.array([_mean_correlation(each) for each in (quadratic, centred, plug_in, profiles)])


def _mean_correlation(halves: Floats) -> float:
    """Mean over halvings of the correlation between the two halves; ``halves`` (S, 2, …). NaN where none varies."""
    flat = halves.reshape(*halves.shape[:2], -1)
    centred = flat - flat.mean(axis=-1, keepdims=True)
    covariance = (centred[:, 0] * centred[:, 1]).sum(axis=-1)
    scale = np.sqrt(np.square(centred).sum(axis=-1).prod(axis=-1))
    varies = scale > 1e-12
    return float((covariance[varies] / scale[varies]).mean()) if varies.any() else float("nan")


def _summary(shuffled: NDArray[np.float64]) -> tuple[float, float]:
    known = shuffled[~np.isnan(shuffled)]
    return (float(known.mean()), float(np.quantile(known, 0.95))) if len(known) else (float("nan"), float("nan"))
