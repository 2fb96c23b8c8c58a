"""Which answers people should label, so that a judge can be measured on few of them (METHOD.md section 4).

Values that a judge seldom finds, or seldom misses, would hardly be in a simple random sample. So this one takes a quota
of the rarer side of each value, and the rest from all answers. Such a sample is drawn by the judge's own labels:
figures need the weights.
"""

from __future__ import annotations

import numpy as np

from ...evaluation.divergence.entropy import Floats
from ...evaluation.divergence.expressions import Bools, Ints


def label_sample(labels: Bools, size: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """About ``size`` of n answers in random order, and of each 1 / the probability with which it was drawn.

    ``labels`` (n, d): the values that the judge found. The union of independent simple random samples: for each value
    ``size / 2d`` of the answers on its rarer side (at least 1), and as many of all n as bring its expected size to
    ``size``. All answers, with weights of 1, where there are no more. Weights sum to about n. Raises ValueError for
    fewer answers than values.
    """
    count, values = labels.shape
    if size < values:
        raise ValueError(f"a sample of {size} cannot hold an answer for each of {values} values")
    if count <= size:
        return rng.permutation(count), np.ones(count)
    drawn = np.zeros(count, dtype=bool)
    missed = np.ones(count)
    for column in labels.T:
        rarer = np.flatnonzero(column if 2 * column.sum() <= count else ~column)
        quota = min(max(1, size // (2 * values)), len(rarer))
        if quota:
            drawn[rng.choice(rarer, size=quota, replace=False)] = True
            missed[rarer] *= 1 - quota / len(rarer)
    rest = round(max(0.0, size - (1 - missed).sum()) / missed.mean())
    drawn[rng.choice(count, size=rest, replace=False)] = True
    missed *= 1 - rest / count
    chosen = rng.permutation(np.flatnonzero(drawn))
    return chosen, 1 / (1 - missed[chosen])
