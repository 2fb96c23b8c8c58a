"""True divergences, from probabilities instead of answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..evaluation.divergence.entropy import binary_entropy

Floats = NDArray[np.float64]


def true_divergence(rates: Floats) -> Floats:
    """(…,) D in bits of expression probabilities (…, K, d), METHOD.md section 2."""
    return np.asarray((binary_entropy(rates.mean(axis=-2)) - binary_entropy(rates).mean(axis=-2)).mean(axis=-1))


def true_quadratic(rates: Floats) -> Floats:
    """(…,) G of expression probabilities (…, K, d), unitless."""
    return np.asarray(4.0 * rates.var(axis=-2).mean(axis=-1))
