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
    # scipy.stats takes most of a second to load: who computes no q-value does not wait for it.
    from scipy.stats import false_discovery_control

    p = np.asarray(p_values, dtype=np.float64)
    tested = ~np.isnan(p)
    q = np.full(p.shape, np.nan)
    q[tested] = false_discovery_control(p[tested])
    return q
