"""False discoveries over many tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..divergence.entropy import Floats


def q_values(p_values: ArrayLike) -> Floats:
    """Benjamini–Hochberg q-values of p-values of any shape, in the same shape.

    NaN stands for "not tested": it stays NaN and does not count among the tests. Reject where q <= the false discovery
    rate that is accepted. Raises ValueError for a p-value outside [0, 1].
    """
    p = np.asarray(p_values, dtype=np.float64)
    tested = ~np.isnan(p)
    observed = p[tested]
    if np.any((observed < 0) | (observed > 1)):
        raise ValueError("p-values must lie in [0, 1]")
    q = np.full(p.shape, np.nan)
    if observed.size:
        descending = np.argsort(-observed, kind="stable")
        ranks = np.arange(observed.size, 0, -1)
        adjusted = np.empty(observed.size)
        adjusted[descending] = np.minimum.accumulate(observed[descending] * observed.size / ranks)
        q[tested] = adjusted
    return q
