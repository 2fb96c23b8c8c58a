"""What chance adds to the plug-in divergence: its floor and its variance over permutations (METHOD.md section 2).

Permutations of whole answers among the models say what D̂ is where all models answer alike. Where they do not, a model's
own answers vary less than permuted ones and chance adds less, nothing where no model varies: the floor is scaled by an
estimate of the bias of the models' entropies over its mean when answers are permuted. Under permutation
that scale is 1 on average, so D* stays exactly unbiased there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls
from scipy.special import gammaln, xlog1py, xlogy

from .entropy import Floats, binary_entropy, entropy_by_count
from .expressions import Bools, Ints

NoiseFloor = Literal["scaled", "permuted"]
"""``scaled`` by how much answers vary within models, or as it is over permutations (what earlier runs subtracted)."""

SCALED_PART: dict[NoiseFloor, float] = {"scaled": 2 / 3, "permuted": 0.0}
"""The part of the floor that is scaled. From few answers the bias is estimated too low where rates come near 0 and 1,
so that 1 overstates D where rates are spread evenly, and 0 understates it where models hardly vary. Measured in
experiments/noise_floors.py: with 2/3 the bias at five answers is within .01 bits up to D = 0.1 in both."""

_RATES = 1_000
"""Rates p at which the bias of an entropy is fitted: evenly spaced quantiles of Beta(1/2, 1/2)."""


@lru_cache(maxsize=256)
def noise_by_total(models: int, samples: int) -> Floats:
    """Mean plug-in divergence of one value over all permutations, by its total s = 0 … K L; bits, shape (K L + 1,).

    H2(s / KL) - E[H2(h / L)] with h ~ Hypergeometric(KL, s, L), exact.
    """
    mean = _mean_by_total(models, samples, entropy_by_count(samples))
    table = np.maximum(entropy_by_count(models * samples) - mean, 0.0)
    table.setflags(write=False)
    return table


@lru_cache(maxsize=256)
def entropy_bias_by_count(samples: int) -> Floats:
    """An estimate of how much H2(h / samples) is too low on average, for h = 0 … samples; bits, (samples + 1,).

    Its mean over h ~ Binomial(samples, p) is a polynomial in p: the one that comes nearest to the true bias by least
    squares, p ~ Beta(1/2, 1/2), among those without negative coefficients. After Paninski, Neural Computation 15
    (2003), who chooses an estimate of the entropy itself so. Zero where all answers are alike.
    """
    if samples < 2:
        return np.zeros(samples + 1)  # one answer does not vary
    counts = np.arange(samples + 1)
    rate = np.square(np.sin((np.arange(_RATES) + 0.5) * np.pi / (2 * _RATES)))[:, None]
    log_chance = _log_choose(np.array(samples), counts, np.array(True))
    chance = np.exp(log_chance + xlogy(counts, rate) + xlog1py(samples - counts, -rate))
    bias = binary_entropy(rate[:, 0]) - chance @ entropy_by_count(samples)
    # H2 is symmetric, so counts h and samples - h have one coefficient.
    lower = counts[1 : samples // 2 + 1]
    coefficients, _ = nnls(chance[:, lower] + np.where(2 * lower < samples, chance[:, samples - lower], 0.0), bias)
    table = np.zeros(samples + 1)
    table[lower] = table[samples - lower] = coefficients
    table.setflags(write=False)
    return table


@lru_cache(maxsize=256)
def entropy_bias_by_total(models: int, samples: int) -> Floats:
    """Mean of ``entropy_bias_by_count`` over all permutations, by a value's total; bits, shape (K L + 1,)."""
    table = _mean_by_total(models, samples, entropy_bias_by_count(samples))
    table.setflags(write=False)
    return table


def _mean_by_total(models: int, samples: int, by_count: Floats) -> Floats:
    """Mean of a statistic of one model's count over all permutations, by the total s = 0 … K L; shape (K L + 1,)."""
    pool = models * samples
    total = np.arange(pool + 1)[:, None]
    taken = np.arange(samples + 1)[None, :]
    possible = (taken <= total) & (samples - taken <= pool - total)
    log_weight = (
        _log_choose(total, taken, possible)
        + _log_choose(pool - total, samples - taken, possible)
        - _log_choose(np.array(pool), np.array(samples), np.array(True))
    )
    probability = np.where(possible, np.exp(log_weight), 0.0)
    probability /= probability.sum(axis=1, keepdims=True)
    return np.asarray(probability @ by_count)


def exact_noise_floor(counts: ArrayLike, samples: int) -> Floats:
    """Mean of the plug-in divergence over all permutations of the K L answers among the models, bits.

    ``counts`` (..., K, d), every model with the same number of ``samples``, no strata.
    """
    return _mean_over_values(noise_by_total, counts, samples)


def _permuted_entropy_bias(counts: ArrayLike, samples: int) -> Floats:
    return _mean_over_values(entropy_bias_by_total, counts, samples)


def _mean_over_values(table: Callable[[int, int], Floats], counts: ArrayLike, samples: int) -> Floats:
    expressed = np.asarray(counts)
    by_total = table(expressed.shape[-2], samples)
    return np.asarray(np.take(by_total, expressed.sum(axis=-2, dtype=np.int64)).mean(axis=-1))


def entropy_bias(counts: ArrayLike, samples: ArrayLike) -> Floats:
    """Mean of ``entropy_bias_by_count`` over models and values, bits; shape (...).

    ``counts`` (..., K, d), ``samples`` (K,) each at least 2.
    """
    expressed = np.asarray(counts)
    answers = np.asarray(samples, dtype=np.int64)
    if np.all(answers == answers[0]):
        return np.asarray(np.take(entropy_bias_by_count(int(answers[0])), expressed).mean(axis=(-2, -1)))
    own = [np.take(entropy_bias_by_count(int(size)), expressed[..., i, :]) for i, size in enumerate(answers)]
    return np.asarray(np.mean([each.mean(axis=-1) for each in own], axis=0))


def scaled_floor(floor: ArrayLike, own: ArrayLike, permuted: ArrayLike, part: float) -> Floats:
    """``floor`` with ``part`` of it scaled by ``own / permuted``, the ``entropy_bias`` over its mean when answers are
    permuted; as it is where no answer differs from another."""
    bias, mean = np.asarray(own, dtype=np.float64), np.asarray(permuted, dtype=np.float64)
    share = np.divide(bias, mean, out=np.ones(np.broadcast(bias, mean).shape), where=mean > 0)
    return np.asarray(np.asarray(floor) * (1 - part * (1 - share)))


def exact_scaled_floor(counts: ArrayLike, samples: int, part: float) -> Floats:
    """``scaled_floor`` where every model gave the same number of ``samples``, no strata; ``counts`` (..., K, d)."""
    own = entropy_bias(counts, np.full(np.shape(counts)[-2], samples))
    return scaled_floor(exact_noise_floor(counts, samples), own, _permuted_entropy_bias(counts, samples), part)


_MOST_CELLS = 4_000_000
"""Of the table behind ``noise_moments_by_total``; with more answers the chi-square's variance serves as well."""


@lru_cache(maxsize=64)
def noise_moments_by_total(models: int, samples: int) -> Floats:
    """Moments of one value over all permutations, by its total s = 0 … K L; bits², shape (3, K L + 1).

    The variance of mean_i H2(h_i / L), its covariance with mean_i ``entropy_bias_by_count``[h_i], the variance of the
    latter. The h_i are multivariate hypergeometric: exact from the joint distribution of two of them. Where many
    answers make that table large, K L D is about a chi-square of K - 1 degrees, with variance 2 floor² / (K - 1), and
    the biases of the models are about independent of it and of each other.
    """
    pool = models * samples
    if (pool + 1) * (samples + 1) ** 2 > _MOST_CELLS:
        variance = 2.0 * np.square(noise_by_total(models, samples)) / (models - 1)
        bias = entropy_bias_by_count(samples)
        mean = _mean_by_total(models, samples, bias)
        of_bias = np.maximum(_mean_by_total(models, samples, np.square(bias)) - np.square(mean), 0.0) / models
        return np.stack([variance, np.zeros_like(variance), of_bias])
    answers = np.arange(samples + 1)
    statistics = entropy_by_count(samples), entropy_bias_by_count(samples)
    total = np.arange(pool + 1)[:, None, None]
    one, other = answers[:, None], answers[None, :]
    rest = pool - 2 * samples
    possible = (one + other <= total) & (total - one - other <= rest)
    log_weight = (
        _log_choose(np.array(samples), one, np.array(True))
        + _log_choose(np.array(samples), other, np.array(True))
        + _log_choose(np.array(rest), total - one - other, possible)
        - _log_choose(np.array(pool), total, np.array(True))
    )
    weight = np.where(possible, np.exp(log_weight), 0.0)
    weight /= weight.sum(axis=(1, 2), keepdims=True)
    means = [np.einsum("sab,a->s", weight, each) for each in statistics]
    moments = []
    for first, second in ((0, 0), (0, 1), (1, 1)):
        centre = means[first] * means[second]
        same = np.einsum("sab,a->s", weight, statistics[first] * statistics[second]) - centre
        different = np.einsum("sab,a,b->s", weight, statistics[first], statistics[second]) - centre
        moments.append((same + (models - 1) * different) / models)
    table: Floats = np.stack(moments)
    table.setflags(write=False)
    return table


def noise_variance(answers: Bools, counts: Ints, samples: int, part: float) -> Floats:
    """Variance of D* over all permutations of whole answers among the models, bits squared.

    ``answers`` (..., K L, d), ``counts`` (..., K, d) as ``exact_noise_floor``, ``part`` as ``scaled_floor``. Each
    value's variance is exact. Whole answers are permuted, so that values which go together in an answer vary together:
    the covariance of two is ``sd_v sd_w (r^2 - 1 / (K L - 1))``, with ``r`` the correlation of their labels over the
    pooled answers, exact for quadratic statistics, which the divergence is nearly (a test holds it to within a tenth of
    drawn permutations); the subtrahend is the mean of ``r^2`` where they are independent. Never less than were the
    values permuted apart.
    """
    pool, values = answers.shape[-2:]
    totals = counts.sum(axis=-2, dtype=np.int64)
    permuted = _permuted_entropy_bias(counts, samples)
    floor = exact_noise_floor(counts, samples)
    # D* is a constant less the sum over values of mean H2(h / L) + slope · mean bias.
    slope = np.divide(part * floor, permuted, out=np.zeros_like(floor), where=permuted > 0)[..., None]
    entropy, covariance, bias = np.take(noise_moments_by_total(counts.shape[-2], samples), totals, axis=1)
    entropy = np.maximum(entropy, 0.0)  # rounding
    variance = np.maximum(entropy + 2 * slope * covariance + slope**2 * bias, 0.0)
    apart = variance.sum(axis=-1)
    centred = answers - answers.mean(axis=-2, keepdims=True)
    product = np.einsum("...nv,...nw->...vw", centred, centred)
    spread = np.einsum("...vv->...v", product)
    scale = spread[..., :, None] * spread[..., None, :]
    share = np.divide(np.square(product), scale, out=np.zeros_like(product), where=scale > 0) - 1 / (pool - 1)
    # What D* has in common with the entropies; the rest of the bias is far from quadratic, and hardly varies together.
    common = np.divide(covariance, entropy, out=np.zeros_like(entropy), where=entropy > 0)
    deviation = np.sqrt(entropy) * np.abs(1 + slope * common)
    every_pair = np.einsum("...v,...vw,...w->...", deviation, share, deviation)
    different = every_pair - np.square(deviation).sum(axis=-1) * (1 - 1 / (pool - 1))
    return np.asarray((apart + np.maximum(different, 0.0)) / values**2)


def _log_choose(n: Ints, k: Ints, possible: Bools) -> Floats:
    n, k = np.where(possible, n, 0), np.where(possible, k, 0)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
