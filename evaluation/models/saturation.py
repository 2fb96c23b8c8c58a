"""Values on which models cannot differ by much, whatever the truth: all of them express it always, or hardly ever."""

from __future__ import annotations

import numpy as np

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools

RARE = 0.05
"""Below this rate, or above its complement, a value is saturated: then no two models differ by more than the margin of
a contrast."""


def saturated(rates: Floats) -> Bools:
    """Which values (d,) every model expresses in less than ``RARE`` of its answers, or in more than all but that.

    ``rates`` (K, d) mean rates, NaN for a model without answers. False where no model has any.
    """
    known = ~np.isnan(rates)
    return np.asarray(
        known.any(axis=0) & (((rates < RARE) | ~known).all(axis=0) | ((rates > 1 - RARE) | ~known).all(axis=0))
    )
