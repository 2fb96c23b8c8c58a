"""Structure: do values that lie together on the theory's circle go together in the answers? (METHOD.md section 5).

Within models, over questions: a question that calls up one value should call up its neighbours and not its opposites.
Three key points leave room for few values, so that all correlations are pushed down alike; what counts is how they fall
with the distance on the circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints
from ..intervals.topic_bootstrap import DRAWS, TopicDraws, draw_topics, percentile_interval, topic_sums

ARRANGEMENTS = 4999
"""Random arrangements of the values on the circle behind the p-value."""

FEWEST_VALUES = 4
"""With three values on a circle all are neighbours."""


@dataclass(frozen=True)
class Structure:
    """How far the correlations between d values follow the circle.

    correlations   (d, d) over questions, each model's mean taken out, all models pooled; NaN for a value that never
                   varies
    fit            correlation of these with the steps between two values on the circle: -1 follows the theory, 0 does
                   not, above 0 contradicts it. None with fewer than four values that vary, or correlations all alike
    interval       95 %, topic bootstrap; None without ``fit`` or with fewer than five topics
    p_value        one-sided: random arrangements of the values whose fit is as low; None without ``fit``
    by_distance    mean correlation of values one, two … steps apart; NaN where there is no such pair
    of_models      (K,) each model's own fit; NaN where it has none
    left_out       (d,) bool, values that never vary or have no place on the circle
    questions, topics
    """

    correlations: Floats
    fit: float | None
    interval: tuple[float, float] | None
    p_value: float | None
    by_distance: Floats
    of_models: Floats
    left_out: Bools
    questions: int
    topics: int


def circle_structure(
    rates: ArrayLike, topics: ArrayLike, circle: Sequence[int], rng: np.random.Generator, *, draws: int = DRAWS
) -> Structure:
    """Structure of ``rates`` (Q, K, d), NaN missing; ``topics`` (Q,) labels; ``circle`` the values' indices in order.

    Raises ValueError when shapes do not fit, without a question, or when ``circle`` names no value or one twice.
    """
    shares = np.asarray(rates, dtype=np.float64)
    if shares.ndim != 3 or np.shape(topics) != shares.shape[:1]:
        raise ValueError(f"rates {shares.shape} must be (Q, K, d), topics {np.shape(topics)} (Q,)")
    values = shares.shape[2]
    if len(set(circle)) != len(circle) or not set(circle) <= set(range(values)):
        raise ValueError(f"circle {list(circle)} must name each of {values} values at most once, by index")
    drawn = draw_topics(topics, rng, draws)
    centred, known = _within_models(shares)
    steps = _steps(values, circle)
    correlations = _correlation(np.einsum("qiv,qiw->vw", centred, centred))
    fit = _fit(correlations[None], steps)[0]
    pairs = ~np.isnan(correlations) & ~np.isnan(steps)
    longest = int(np.nanmax(steps, initial=0.0)) if len(circle) else 0
    by_distance = [correlations[pairs & (steps == step)] for step in range(1, longest + 1)]
    own = np.stack([_correlation(np.einsum("qv,qw->vw", each, each)) for each in centred.transpose(1, 0, 2)])
    return Structure(
        correlations=correlations,
        fit=None if np.isnan(fit) else float(fit),
        interval=None if np.isnan(fit) else _interval(float(fit), centred, known, steps, drawn),
        p_value=None if np.isnan(fit) else _p_value(correlations, steps, rng),
        by_distance=np.array([each.mean() if len(each) else np.nan for each in by_distance]),
        of_models=_fit(own, steps),
        left_out=np.isnan(np.diagonal(correlations)) | np.isnan(np.diagonal(steps)),
        questions=len(shares),
        topics=drawn.topics,
    )


def _within_models(shares: Floats) -> tuple[Floats, Floats]:
    """Rates (Q, K, d) less each model's mean, 0 where missing; and (Q, K) 1 where there are any."""
    known = ~np.isnan(shares)
    number = known.sum(axis=0)
    total = np.where(known, shares, 0.0).sum(axis=0)
    mean = np.divide(total, number, out=np.zeros(total.shape), where=number > 0)
    return np.where(known, shares - mean, 0.0), np.asarray(known.any(axis=2), dtype=np.float64)


def _steps(values: int, circle: Sequence[int]) -> Floats:
    """(d, d) steps between two values around the circle, either way; NaN for a value that has no place."""
    place = np.full(values, np.nan)
    place[list(circle)] = np.arange(len(circle))
    apart = np.abs(place[:, None] - place)
    return np.asarray(np.minimum(apart, len(circle) - apart))


def _correlation(covariance: Floats) -> Floats:
    """(..., d, d) from sums of products; NaN for a value without variance."""
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    scale = np.sqrt(np.maximum(variance[..., :, None] * variance[..., None, :], 0.0))  # less than 0 is rounding
    result: Floats = np.divide(covariance, scale, out=np.full(covariance.shape, np.nan), where=scale > 1e-12)
    return result


def _fit(correlations: Floats, steps: Floats) -> Floats:
    """(...,) correlation over pairs of values of ``correlations`` (..., d, d) with ``steps`` (..., d, d)."""
    upper = np.triu_indices(correlations.shape[-1], 1)
    together, apart = np.broadcast_arrays(correlations[..., *upper], steps[..., *upper])
    known = ~np.isnan(together) & ~np.isnan(apart)
    number = known.sum(axis=-1, keepdims=True)
    parts = []
    for each in (together, apart):
        filled = np.where(known, each, 0.0)
        parts.append(np.where(known, filled - filled.sum(axis=-1, keepdims=True) / np.maximum(number, 1), 0.0))
    scale = np.sqrt(np.square(parts[0]).sum(axis=-1) * np.square(parts[1]).sum(axis=-1))
    enough = (number[..., 0] >= FEWEST_VALUES * (FEWEST_VALUES - 1) // 2) & (scale > 1e-9)
    products = (parts[0] * parts[1]).sum(axis=-1)
    fit: Floats = np.divide(products, scale, out=np.full(scale.shape, np.nan), where=enough)
    return fit


def _interval(
    fit: float, centred: Floats, known: Floats, steps: Floats, drawn: TopicDraws
) -> tuple[float, float] | None:
    if drawn.weights is None:
        return None
    values = centred.shape[2]
    products = topic_sums(np.einsum("qiv,qiw->qvw", centred, centred).reshape(len(centred), -1), drawn)
    covariance = (drawn.weights @ products).reshape(-1, values, values)
    # A draw of topics has means of its own.
    sums = np.tensordot(drawn.weights, topic_sums(centred, drawn), axes=1)
    number = np.maximum(drawn.weights @ topic_sums(known, drawn), 1.0)
    covariance -= np.einsum("biv,biw->bvw", sums / number[..., None], sums)
    low, high = percentile_interval(_fit(_correlation(covariance), steps), fit)
    return None if np.isnan(low) else (float(low), float(high))


def _p_value(correlations: Floats, steps: Floats, rng: np.random.Generator) -> float:
    kept: Ints = np.flatnonzero(~np.isnan(np.diagonal(correlations)) & ~np.isnan(np.diagonal(steps)))
    of_values = correlations[np.ix_(kept, kept)]
    of_circle = steps[np.ix_(kept, kept)]
    order = rng.permuted(np.broadcast_to(np.arange(len(kept)), (ARRANGEMENTS, len(kept))), axis=1)
    arranged = _fit(of_values, of_circle[order[:, :, None], order[:, None, :]])
    observed = _fit(of_values, of_circle)
    return float((1 + np.count_nonzero(arranged <= observed + 1e-9)) / (1 + ARRANGEMENTS))
