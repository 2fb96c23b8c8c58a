"""Internal consistency of a value's questions: Cronbach's alpha over parcels of whole topics (METHOD.md section 5).

The persons are the models and the items are parcels, the mean rate on the questions of some topics: two questions of
one topic are near copies, and as items of their own they would pass for agreement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtri

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints

PARCELS = 5
"""Parcels that the topics are assigned to; fewer where there are fewer than twice as many topics."""

DEALINGS = 50
"""Random dealings of topics into parcels that the figures are averaged over."""


@dataclass(frozen=True)
class Consistency:
    """Cronbach's alpha of d values, and what it rests on.

    alpha             (d,) at most 1, negative where the parcels contradict each other; NaN where no two models differ
    interval          (d, 2) 95 % (Feldt 1965), for models like these: with few models it is wide. Its lower end may be
                      far below 0
    standard_error    (d,) standard error of measurement of one model's mean rate, in units of that rate: by how much it
                      would move with other topics of the same kind
    models            how many counted; the others had no answer in some parcel
    left_out          (K,) bool
    parcels, topics
    """

    alpha: Floats
    interval: Floats
    standard_error: Floats
    models: int
    left_out: Bools
    parcels: int
    topics: int


def cronbach_alpha(
    rates: ArrayLike, topics: ArrayLike, rng: np.random.Generator, *, parcels: int = PARCELS, dealings: int = DEALINGS
) -> Consistency | None:
    """Alpha for each value from ``rates`` (Q, K, d), NaN missing, and ``topics`` (Q,) labels.

    Each question's mean over models is taken out first, so that a model that skipped questions is not judged by their
    base rates. Mean squares are averaged over ``dealings`` before they are divided. None with fewer than two models or
    four topics: nothing can be said.
    """
    shares = np.asarray(rates, dtype=np.float64)
    if shares.ndim != 3 or np.shape(topics) != shares.shape[:1]:
        raise ValueError(f"rates {shares.shape} must be (Q, K, d), topics {np.shape(topics)} (Q,)")
    if len(shares) == 0:
        return None
    cluster = np.unique(np.asarray(topics), return_inverse=True)[1]
    count = int(cluster.max()) + 1
    number = min(parcels, count // 2)
    if number < 2:
        return None
    sums, sizes = _per_topic(shares, cluster, count)
    assigned = [_parcel_means(sums, sizes, rng.permutation(np.arange(count) % number), number) for _ in range(dealings)]
    # The same models in every dealing, or the mean squares would not be of one population.
    whole = np.logical_and.reduce([complete for _, complete in assigned])
    models = int(whole.sum())
    if models < 2:
        return None
    between, residual = np.mean([_mean_squares(means[:, whole]) for means, _ in assigned], axis=0)
    varies = between > 1e-12
    ratio = np.divide(residual, between, out=np.full(between.shape, np.nan), where=varies)
    quantiles = [fdtri(models - 1, (models - 1) * (number - 1), level) for level in (0.975, 0.025)]
    return Consistency(
        alpha=1.0 - ratio,
        interval=np.stack([1.0 - ratio * quantile for quantile in quantiles], axis=-1),
        standard_error=np.where(varies, np.sqrt(residual / number), np.nan),
        models=models,
        left_out=~whole,
        parcels=number,
        topics=count,
    )


def _per_topic(shares: Floats, cluster: Ints, count: int) -> tuple[Floats, Floats]:
    """Sums and numbers (C, K, d) over each topic's questions of the rates, each question's mean taken out."""
    known = ~np.isnan(shares)
    answered = known.sum(axis=1, keepdims=True)
    total = np.where(known, shares, 0.0).sum(axis=1, keepdims=True)
    mean = np.divide(total, answered, out=np.zeros(total.shape), where=answered > 0)
    sums = np.zeros((count, *shares.shape[1:]))
    sizes = np.zeros((count, *shares.shape[1:]))
    np.add.at(sums, cluster, np.where(known, shares - mean, 0.0))
    np.add.at(sizes, cluster, known)
    return sums, sizes


def _parcel_means(sums: Floats, sizes: Floats, parcel: Ints, number: int) -> tuple[Floats, Bools]:
    """Parcel means (n, K, d), and which models (K,) have an answer in each."""
    indicator = (parcel == np.arange(number)[:, None]).astype(np.float64)
    total = np.tensordot(indicator, sums, axes=1)
    size = np.tensordot(indicator, sizes, axes=1)
    means = np.divide(total, size, out=np.full(total.shape, np.nan), where=size > 0)
    return means, ~np.isnan(means).any(axis=(0, 2))


def _mean_squares(means: Floats) -> tuple[Floats, Floats]:
    """Mean squares between models and of the residual, (d,) both, of parcel means (n, K, d) without gaps."""
    number, models = means.shape[:2]
    of_model = means.mean(axis=0, keepdims=True)
    of_parcel = means.mean(axis=1, keepdims=True)
    residuals = means - of_model - of_parcel + means.mean(axis=(0, 1), keepdims=True)
    between = number * of_model[0].var(axis=0, ddof=1)
    return between, np.square(residuals).sum(axis=(0, 1)) / ((number - 1) * (models - 1))
