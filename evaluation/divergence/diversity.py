"""Opinion diversity O: do answers of different models differ more than answers of one model? (METHOD.md section 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .expressions import Bools, counted_models


def mean_cosine_distance(vectors: ArrayLike, answered: Bools) -> tuple[float, float] | None:
    """Mean cosine distance between answers of different models, and between answers of one model.

    ``vectors`` (K, L, m) text vectors of any length, ``answered`` (K, L). Pairs of models weigh alike, as do models,
    whatever their numbers of answers. A zero vector has no direction: it counts as not answered. None when fewer than
    two models have two answers.
    """
    texts = np.asarray(vectors, dtype=np.float64)
    mask = np.asarray(answered, dtype=bool)
    lengths = np.linalg.norm(np.where(mask[..., None], texts, 0.0), axis=-1)
    mask = mask & (lengths > 0)
    counted = counted_models(mask)
    if counted.sum() < 2:
        return None
    unit = np.divide(texts, lengths[..., None], out=np.zeros_like(texts), where=mask[..., None])[counted]
    samples = mask[counted].sum(axis=1)
    sums = unit.sum(axis=1)
    similarity = (sums @ sums.T) / np.outer(samples, samples)
    between = 1.0 - similarity[np.triu_indices(len(samples), 1)].mean()
    own = (np.square(sums).sum(axis=1) - samples) / (samples * (samples - 1))
    return float(between), float(1.0 - own.mean())


def opinion_diversity(vectors: ArrayLike, answered: Bools) -> float | None:
    """O = mean cosine distance between models minus that within a model; zero on average for identical models.

    Arguments as for ``mean_cosine_distance``; in [-1, 1] for vectors without negative entries. None when fewer than
    two models have two answers.
    """
    distances = mean_cosine_distance(vectors, answered)
    return None if distances is None else distances[0] - distances[1]
