"""Trains a local judge to be silent on texts that say nothing: real texts against made ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .text_features import COVERAGES

LOST, SHORT_LOST = 0.02, 0.25
"""Shares of the labelled texts, and of the shorter real ones, that may be taken to say nothing."""

_C = 0.1
_SCALE = 4.0
"""Of the vectors, whose entries are small beside the coverage's columns: chosen with _C on the training file."""

Floats = NDArray[np.float64]


def fit_content(
    real: Floats, fragments: Floats, empty: Floats, folds: Sequence[NDArray[np.int64]]
) -> tuple[Floats, float]:
    """The weights of ``LocalModel.content`` (F + 1,), and the share of real texts that falls below them.

    ``real`` (N, F) features of the labelled texts, as out-of-fold as their vocabulary is; ``fragments`` of shorter
    real texts; ``empty`` of the made ones. The constant is such that ``LOST`` of the real texts, each scored by a fit
    without its fold, are taken to say nothing, and no more than ``SHORT_LOST`` of the fragments.
    """
    others = np.vstack([fragments, empty])
    says = np.arange(len(others)) < len(fragments)
    scores = np.zeros(len(real))
    for fold in folds:
        inside = np.setdiff1d(np.arange(len(real)), fold)
        weights = _weights(np.vstack([real[inside], others]), np.append(np.ones(len(inside), dtype=bool), says))
        scores[fold] = real[fold] @ weights
    weights = _weights(np.vstack([real, others]), np.append(np.ones(len(real), dtype=bool), says))
    least = min(float(np.quantile(scores, LOST)), float(np.quantile(fragments @ weights, SHORT_LOST)))
    return np.append(weights, -least), float((scores < least).mean())


def _weights(features: Floats, says: NDArray[np.bool_]) -> Floats:
    from sklearn.linear_model import LogisticRegression

    scale = np.where(np.arange(features.shape[1]) < COVERAGES, 1.0, _SCALE)
    fitted = LogisticRegression(C=_C, class_weight="balanced", max_iter=2000).fit(features * scale, says)
    return np.asarray(fitted.coef_[0] * scale)
