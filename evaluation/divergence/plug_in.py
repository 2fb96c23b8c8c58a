"""The plug-in divergence, its exact noise floor and its jackknife variance (METHOD.md section 2)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from .entropy import Floats, binary_entropy, entropy_by_count
from .expressions import Bools, Ints


def plug_in_divergence(counts: ArrayLike, samples: ArrayLike) -> Floats:
    """(1/d) sum_v [H2(mean_i p[i,v]) - mean_i H2(p[i,v])] in bits, models weighted alike whatever their samples.

    ``counts`` (..., K, d) answers of each model that express each value, ``samples`` (K,) answers of each model.
    Too high even for identical models: never compared between different numbers of samples.
    """
    expressed = np.asarray(counts)
    answers = np.asarray(samples, dtype=np.int64)
    models, values = expressed.shape[-2:]
    if np.all(answers == answers[0]):
        own = entropy_by_count(int(answers[0]))[expressed]
        mixture = entropy_by_count(int(answers.sum()))[expressed.sum(axis=-2, dtype=np.int64)]
    else:
        rates = expressed / answers[:, None]
        own = binary_entropy(rates)
        mixture = binary_entropy(rates.mean(axis=-2))
    # Entropy is concave: less than zero is rounding.
    divergence = mixture.sum(axis=-1) / values - own.sum(axis=(-2, -1)) / (models * values)
    return np.asarray(np.maximum(divergence, 0.0))


@lru_cache(maxsize=256)
def noise_by_total(models: int, samples: int) -> Floats:
    """Mean plug-in divergence of one value over all permutations, by its total s = 0 … K L; bits, shape (K L + 1,).

    H2(s / KL) - E[H2(h / L)] with h ~ Hypergeometric(KL, s, L), exact.
    """
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
    table = np.maximum(entropy_by_count(pool) - probability @ entropy_by_count(samples), 0.0)
    table.setflags(write=False)
    return table


_MOST_CELLS = 4_000_000
"""Of the table behind ``noise_variance_by_total``; with more answers the chi-square's variance serves as well."""


@lru_cache(maxsize=64)
def noise_variance_by_total(models: int, samples: int) -> Floats:
    """Variance of one value's plug-in divergence over all permutations, by its total s = 0 … K L; bits², (K L + 1,).

    That of mean_i H2(h_i / L), the h_i multivariate hypergeometric: exact from the joint distribution of two of them.
    Where many answers make that table large, 2 floor² / (K - 1): K L D is then about a chi-square of K - 1 degrees.
    """
    pool = models * samples
    if (pool + 1) * (samples + 1) ** 2 > _MOST_CELLS:
        return np.asarray(2.0 * np.square(noise_by_total(models, samples)) / (models - 1))
    entropy = entropy_by_count(samples)
    total = np.arange(pool + 1)[:, None, None]
    one, other = np.arange(samples + 1)[:, None], np.arange(samples + 1)[None, :]
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
    mean = np.einsum("sab,a->s", weight, entropy)
    square = np.einsum("sab,a->s", weight, entropy**2)
    product = np.einsum("sab,a,b->s", weight, entropy, entropy)
    variance = (square - mean**2 + (models - 1) * (product - mean**2)) / models
    table: Floats = np.asarray(np.maximum(variance, 0.0))
    table.setflags(write=False)
    return table


def noise_variance(answers: Bools, counts: Ints, samples: int) -> Floats:
    """Variance of the plug-in divergence over all permutations of whole answers among the models, bits squared.

    ``answers`` (..., K L, d), ``counts`` (..., K, d) as ``exact_noise_floor``. Each value's variance is exact. Whole
    answers are permuted, so that values which go together in an answer vary together: the covariance of two is
    ``sd_v sd_w (r^2 - 1 / (K L - 1))``, with ``r`` the correlation of their labels over the pooled answers, exact for
    quadratic statistics, which the divergence is nearly (a test holds it to within a tenth of drawn permutations); the
    subtrahend is the mean of ``r^2`` where they are independent. Never less than were the values permuted apart.
    """
    pool, values = answers.shape[-2:]
    variance = np.take(noise_variance_by_total(counts.shape[-2], samples), counts.sum(axis=-2, dtype=np.int64))
    apart = variance.sum(axis=-1)
    centred = answers - answers.mean(axis=-2, keepdims=True)
    product = np.einsum("...nv,...nw->...vw", centred, centred)
    spread = np.einsum("...vv->...v", product)
    scale = spread[..., :, None] * spread[..., None, :]
    share = np.divide(np.square(product), scale, out=np.zeros_like(product), where=scale > 0) - 1 / (pool - 1)
    deviation = np.sqrt(variance)
    together = np.einsum("...v,...vw,...w->...", deviation, share, deviation) + apart / (pool - 1)
    return np.asarray(np.maximum(together, apart) / values**2)


def _log_choose(n: Ints, k: Ints, possible: Bools) -> Floats:
    n, k = np.where(possible, n, 0), np.where(possible, k, 0)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def exact_noise_floor(counts: ArrayLike, samples: int) -> Floats:
    """Mean of the plug-in divergence over all permutations of the K L answers among the models, bits.

    ``counts`` (..., K, d), every model with the same number of ``samples``, no strata.
    """
    expressed = np.asarray(counts)
    table = noise_by_total(expressed.shape[-2], samples)
    return np.asarray(np.take(table, expressed.sum(axis=-2, dtype=np.int64)).mean(axis=-1))


def jackknife_variance(answers: Bools, counts: Ints, samples: Ints) -> Floats:
    """Sampling variance of the plug-in divergence, bits squared, from leaving out one whole answer at a time.

    ``answers`` (..., N, d) with the answers of one model side by side, ``counts`` (..., K, d), ``samples`` (K,) each
    at least 2. A jackknife of K samples: sum_i (L_i - 1)/L_i sum_l (D_(il) - mean_l D_(il))^2, the models' weights
    staying 1/K. Zero where no model's answers differ.
    """
    models, values = counts.shape[-2:]
    sizes = samples[:, None]
    rates = counts / sizes
    mean = rates.mean(axis=-2, keepdims=True)
    lost = []
    for expressed in (0, 1):
        # Clipped where no such answer exists: that entry is never picked.
        without = np.clip((counts - expressed) / (sizes - 1), 0.0, 1.0)
        mixture = np.clip(mean + (without - rates) / models, 0.0, 1.0)
        lost.append(binary_entropy(mixture) - binary_entropy(without) / models)
    model = np.repeat(np.arange(models), samples)
    gain = lost[1] - lost[0]
    base = np.take(lost[0].sum(axis=-1), model, axis=-1)
    left_out = (base + np.einsum("...nv,...nv->...n", answers, np.take(gain, model, axis=-2))) / values
    starts = np.concatenate(([0], np.cumsum(samples)[:-1]))
    centred = left_out - np.take(np.add.reduceat(left_out, starts, axis=-1) / samples, model, axis=-1)
    # Left-out D also lacks the entropies of the other models: constants for one model, gone after centring.
    spread = np.add.reduceat(np.square(centred), starts, axis=-1)
    return np.asarray((spread * (samples - 1) / samples).sum(axis=-1))
