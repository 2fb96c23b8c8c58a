"""The entropy of a value that is expressed or not, in bits."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

Floats = NDArray[np.float64]


def binary_entropy(rate: ArrayLike) -> Floats:
    """H2 of each rate in [0, 1], in bits: 0 at rates 0 and 1, 1 at one half."""
    probability = np.asarray(rate, dtype=np.float64)
    return np.asarray((entr(probability) + entr(1.0 - probability)) / np.log(2.0))


@lru_cache(maxsize=256)
def entropy_by_count(samples: int) -> Floats:
    """H2(h / samples) for h = 0 … samples, bits; shape (samples + 1,), read-only."""
    table = binary_entropy(np.arange(samples + 1) / samples)
    table.setflags(write=False)
    return table
