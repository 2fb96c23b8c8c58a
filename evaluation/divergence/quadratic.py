"""Quadratic divergence G: a cross-check that is unbiased for every number of samples (METHOD.md section 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .entropy import Floats


def quadratic_divergence(counts: ArrayLike, samples: ArrayLike) -> Floats:
    """Unbiased estimate of (4/d) sum_v Var_i(p[i,v]), the population variance over models; unitless, may be negative.

    ``counts`` (..., K, d) answers that express a value, ``samples`` (K,) answers of each model, each >= 2, K >= 2.
    """
    answers = np.asarray(samples, dtype=np.float64)[:, None]
    rates = np.asarray(counts) / answers
    models, values = rates.shape[-2:]
    squares = np.square(rates).sum(axis=-1)
    between = (squares.sum(axis=-1) - models * np.square(rates.mean(axis=-2)).sum(axis=-1)) / (models - 1)
    within = ((rates.sum(axis=-1) - squares) / (answers[:, 0] - 1.0)).sum(axis=-1) / models
    return np.asarray(4.0 * (models - 1) / (models * values) * (between - within))


def quadratic_by_value(rates: ArrayLike, samples: ArrayLike) -> Floats:
    """G of each value alone, (d,); ``quadratic_divergence`` is their mean. ``rates`` (K, d), ``samples`` (K,) >= 2."""
    shares = np.asarray(rates, dtype=np.float64)
    answers = np.asarray(samples, dtype=np.float64)[:, None]
    models = len(shares)
    within = (shares * (1 - shares) / (answers - 1)).mean(axis=0)
    return np.asarray(4.0 * (models - 1) / models * (shares.var(axis=0, ddof=1) - within))
