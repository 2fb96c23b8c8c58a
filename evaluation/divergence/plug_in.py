"""The plug-in divergence and its jackknife variance (METHOD.md section 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

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
