"""Which questions get all but equal answers from the same models, and so measure the same thing (METHOD.md section 3).

A distance between two questions is the squared difference between a model's rates on them, summed over what its answers
may show (values, stances) and averaged over models; a distance between two models on one question is the same, averaged
over pairs of models. Both are taken without the part that sampling adds. Two questions are all but equal when the first
lies surely below a quarter of the second: as lengths, below a half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools

SHARE = 0.25
"""The questions' squared distance must surely lie below this share of the models' squared distance."""

RESAMPLES = 200
ONE_SIDED = 1.645
"""Standard errors of a one-sided 95 % limit: a question is set aside only where it is clear."""


@dataclass(frozen=True)
class ResponsePattern:
    """What N answers of K models to one question show: ``cells`` (K, N, c) bool, ``answered`` (K, N) bool."""

    cells: Bools
    answered: Bools


def nearly_equal(
    questions: Sequence[ResponsePattern], rng: np.random.Generator, *, share: float = SHARE, resamples: int = RESAMPLES
) -> Bools:
    """(Q, Q) whether two questions are all but equal; symmetric, false on the diagonal.

    Models with fewer than two answers on a question do not count for it; pairs with fewer than two models in common are
    never equal, and neither are questions on which the models do not differ: there is nothing to compare with. The
    limit comes from ``resamples`` drawings of whole answers. Raises ValueError where K or c differ between questions.
    """
    if len({(each.cells.shape[0], each.cells.shape[2]) for each in questions}) > 1:
        raise ValueError("all questions must have the same models and cells")
    size = len(questions)
    if size < 2:
        return np.zeros((size, size), dtype=bool)
    seen = _excess(*_stacked(questions, None), share)
    # Chan's updating of a mean and a sum of squares: pairs that cannot be told are NaN throughout.
    mean, squares = np.zeros((size, size)), np.zeros((size, size))
    for number in range(1, resamples + 1):
        step = _excess(*_stacked(questions, rng), share) - mean
        mean += step / number
        squares += (number - 1) / number * step**2
    error = np.sqrt(squares / (resamples - 1))
    equal = np.asarray(seen + ONE_SIDED * error < 0.0)
    np.fill_diagonal(equal, False)
    return equal


def duplicate_links(ranked: Sequence[str], equal: NDArray[np.bool_]) -> dict[str, str]:
    """Question → the best ranked one before it that it is all but equal to and that is itself linked to none.

    ``equal[i, j]`` belongs to ``ranked[i]`` and ``ranked[j]``.
    """
    links: dict[str, str] = {}
    for this, question in enumerate(ranked):
        for other in range(this):
            if equal[this, other] and ranked[other] not in links:
                links[question] = ranked[other]
                break
    return links


def _stacked(questions: Sequence[ResponsePattern], rng: np.random.Generator | None) -> tuple[Floats, Floats, Bools]:
    """Rates (Q, K, c), their sampling variances (Q, K, c), and which models count (Q, K); answers drawn anew by rng."""
    rates = []
    variances = []
    counts = []
    for each in questions:
        answers = each.answered.sum(axis=1)
        weights = each.answered / np.maximum(answers, 1)[:, None]
        if rng is not None:
            weights = rng.multinomial(answers, _chances(weights)) / np.maximum(answers, 1)[:, None]
        rate = np.einsum("kn,knc->kc", weights, each.cells)
        rates.append(rate)
        variances.append(rate * (1.0 - rate) / np.maximum(answers - 1, 1)[:, None])
        counts.append(answers >= 2)
    return np.stack(rates), np.stack(variances), np.stack(counts)


def _chances(weights: Floats) -> Floats:
    """``weights`` (K, N) as probabilities that sum to one also where a model has none."""
    empty = weights.sum(axis=1) == 0
    chances = weights.copy()
    chances[empty] = 1.0 / weights.shape[1]
    return chances


def _excess(rates: Floats, variances: Floats, counts: Bools, share: float) -> Floats:
    """(Q, Q) the questions' squared distance less ``share`` of the models' on either of them; NaN: cannot be told."""
    mask = counts.astype(np.float64)
    own = np.where(counts, (rates**2 - variances).sum(axis=-1), 0.0)
    masked = np.where(counts[..., None], rates, 0.0)
    flat = masked.reshape(len(masked), -1)
    common = mask @ mask.T
    apart = own @ mask.T + mask @ own.T - 2.0 * flat @ flat.T
    models = mask.sum(axis=1)
    mean = masked.sum(axis=1) / np.maximum(models, 1)[:, None]
    spread = np.where(counts, ((masked - mean[:, None]) ** 2).sum(axis=-1), 0.0).sum(axis=1)
    noise = np.where(counts, variances.sum(axis=-1), 0.0).sum(axis=1)
    # Twice the variance is the mean squared distance of two models.
    between = 2.0 * (spread / np.maximum(models - 1, 1) - noise / np.maximum(models, 1))
    between = np.where(models >= 2, between, np.nan)
    smaller = np.minimum(between[:, None], between[None, :])
    distance: Floats = np.divide(apart, common, out=np.full(apart.shape, np.nan), where=common >= 2)
    return distance - share * smaller
