"""Agreement of several judges who label the same units: Krippendorff's alpha (METHOD.md section 4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools


def krippendorff_alpha(codes: NDArray[np.int64] | Bools, present: Bools) -> Floats:
    """Nominal alpha: 1 is perfect agreement, 0 what chance gives, below 0 systematic disagreement.

    ``codes`` (J, N, ...) what each of J judges said of each of N units, for any number of variables (values, say);
    ``present`` (J, N) where a judge said anything. Returns (...): one alpha for each variable. Units that fewer than
    two judges labelled tell nothing and are left out. NaN where no unit is left, or all labels are alike: with no
    variation agreement cannot be told from a constant. Source: Krippendorff, "Computing
    Krippendorff's Alpha-Reliability" (2011).
    """
    labels, mask = np.asarray(codes), np.asarray(present, dtype=bool)
    if labels.shape[:2] != mask.shape:
        raise ValueError(f"codes {labels.shape} must begin with the shape of present {mask.shape}")
    raters = mask.sum(axis=0)
    paired = raters >= 2
    labels = labels[:, paired]
    mask = mask[:, paired]
    raters = raters[paired].astype(np.float64)
    total = raters.sum()
    variables = labels.shape[2:]
    if total == 0:
        return np.full(variables, np.nan)
    column = (-1, *(1,) * len(variables))
    coded = mask.reshape(*mask.shape, *(1,) * len(variables))
    kinds = np.unique(labels[mask])
    counts = np.stack([((labels == kind) & coded).sum(axis=0) for kind in kinds]).astype(np.float64)
    pairs = np.square(raters).reshape(column) - np.square(counts).sum(axis=0)
    observed = (pairs / (raters - 1).reshape(column)).sum(axis=0) / total
    by_kind = counts.sum(axis=1)
    expected = (total**2 - np.square(by_kind).sum(axis=0)) / (total * (total - 1))
    alpha: Floats = np.full(variables, np.nan)
    np.divide(observed, expected, out=alpha, where=expected > 0)
    return 1.0 - alpha
