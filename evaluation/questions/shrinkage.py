"""Scores of chosen questions by empirical Bayes (METHOD.md section 3, step 5).

The best of many fresh scores is too high as well, since the ranking chose it. The expectation of a question's D given
all that is known of it is not, as far as the model holds: what was measured stands in STATISTICS.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from ..divergence.d_star import GROWTH
from ..divergence.entropy import Floats

FEWEST_SCORES = 10
"""With fewer nothing can be learnt of how true divergences vary."""

_ROUNDS = 3
_NORMAL = 1.959963984540054


@dataclass(frozen=True)
class ShrunkenScores:
    """``score`` (Q,) in bits, ``interval`` (Q, 2) 95 %, and the ``spread`` of true D about the regression."""

    score: Floats
    interval: Floats
    spread: float


def shrunken_scores(
    fresh: ArrayLike, searched: ArrayLike, permuted_floor: ArrayLike, noise_variance: ArrayLike
) -> ShrunkenScores | None:
    """The best linear prediction of each question's D from its ``fresh`` score and the one that the search chose by.

    All (Q,), in bits, floors and variances as of ``DivergenceEstimate`` on the fresh answers, of the same models.
    A ``searched`` of NaN is taken to be the mean. Fay and Herriot's model (1979, J. American Statistical Association
    74): D is normal about a line in the search score, the fresh score about D. The line takes account of the selection,
    which saw the search score alone. A score's variance is that at the D which the line predicts, so that a score that
    came out low by chance is not trusted more. The interval carries what is not known of the line and of the spread
    (Prasad and Rao 1990, J. American Statistical Association 85). None with fewer than ``FEWEST_SCORES`` questions.
    """
    y, x, floor, noise = (
        np.asarray(each, dtype=np.float64) for each in (fresh, searched, permuted_floor, noise_variance)
    )
    if len(y) < FEWEST_SCORES:
        return None
    known = ~np.isnan(x)
    x = np.where(known, x, x[known].mean() if known.any() else 0.0)
    columns = [np.ones(len(y))] + ([x - x.mean()] if np.ptp(x) > 0 else [])
    design = np.column_stack(columns)
    slope = GROWTH * np.divide(noise, 2 * floor, out=np.zeros_like(noise), where=floor > 0)
    line = np.full(len(y), y.mean())
    for _ in range(_ROUNDS):
        variance = noise + slope * np.maximum(line, 0.0)
        spread = _spread(y, design, variance)
        coefficients, covariance = _fit(y, design, variance + spread)
        line = design @ coefficients
    trust = spread / (spread + variance)
    error = trust * variance + (1 - trust) ** 2 * np.einsum("qi,ij,qj->q", design, covariance, design)
    total = variance + spread
    error += 2 * np.square(variance) / total**3 * (2 * len(y) / np.square((1 / total).sum()))
    score = trust * y + (1 - trust) * line
    half = _NORMAL * np.sqrt(error)
    return ShrunkenScores(score, np.stack([score - half, score + half], axis=-1), spread)


def _fit(y: Floats, design: Floats, variance: Floats) -> tuple[Floats, Floats]:
    weighted = design / variance[:, None]
    covariance: Floats = np.asarray(np.linalg.pinv(weighted.T @ design), dtype=np.float64)
    return covariance @ (weighted.T @ y), covariance


def _spread(y: Floats, design: Floats, variance: Floats) -> float:
    """The variance of D about the line at which the residuals' weighted squares equal their degrees; 0 at least."""

    def excess(spread: float) -> float:
        total = variance + spread
        residual = y - design @ _fit(y, design, total)[0]
        return float((np.square(residual) / total).sum() - len(y) + design.shape[1])

    if excess(0.0) <= 0:
        return 0.0
    return 1.0 if excess(1.0) > 0 else float(brentq(excess, 0.0, 1.0))
