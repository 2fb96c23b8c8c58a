"""Stance agreement between models, shown beside the divergence of their reasons (METHOD.md section 1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .expressions import Bools


def stance_agreement(stances: ArrayLike, answered: Bools) -> float | None:
    """Probability that a random answer of one model and one of another take the same stance, mean over pairs of models.

    ``stances`` (K, L) integer codes, read only where ``answered`` (K, L). Models without an answer are left out; None
    when fewer than two remain.
    """
    codes, mask = np.asarray(stances), np.asarray(answered, dtype=bool)
    present = mask.any(axis=1)
    codes, mask = codes[present], mask[present]
    models = len(mask)
    if models < 2:
        return None
    kinds = np.unique(codes[mask])
    shares = ((codes[..., None] == kinds) & mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    together = shares @ shares.T
    return float((together.sum() - np.trace(together)) / (models * (models - 1)))
