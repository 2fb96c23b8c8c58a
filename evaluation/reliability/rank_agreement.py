"""Do two measurements rank the same models alike? Rank correlations of their profiles (METHOD.md section 5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from ..divergence.entropy import Floats

DIGITS = 12
"""Rates that differ by less than 10 to the minus this tie: a mean taken off equal rates leaves them equal."""


def profile_agreement(first: Floats, second: Floats) -> Floats:
    """Spearman correlation (...) of two profiles (..., K, d), each value's mean over models removed, in [-1, 1].

    Without the means taken off, two measurements agree because some values are common in all models. NaN where a rate
    is missing, and where no model differs from another.
    """
    centred = [each - each.mean(axis=-2, keepdims=True) for each in (first, second)]
    return spearman(*(each.reshape(*each.shape[:-2], each.shape[-2] * each.shape[-1]) for each in centred))


def value_agreements(first: Floats, second: Floats) -> Floats:
    """Spearman correlations (..., d) of K models' rates on each value; profiles (..., K, d). NaN as above."""
    return spearman(np.swapaxes(first, -1, -2), np.swapaxes(second, -1, -2))


def spearman(first: ArrayLike, second: ArrayLike) -> Floats:
    """Rank correlation (...) along the last axis of two arrays (..., n); ties share their mean rank.

    NaN where a number is missing, or where all numbers of one side are equal.
    """
    ranks = [_centred_ranks(np.asarray(each, dtype=np.float64)) for each in (first, second)]
    covariance = (ranks[0] * ranks[1]).sum(axis=-1)
    scale = np.sqrt(np.square(ranks[0]).sum(axis=-1) * np.square(ranks[1]).sum(axis=-1))
    correlation = np.divide(covariance, scale, out=np.full(np.shape(scale), np.nan), where=scale > 0)
    return np.asarray(np.clip(correlation, -1.0, 1.0))


def _centred_ranks(numbers: Floats) -> Floats:
    ranks = rankdata(np.round(numbers, DIGITS), axis=-1)
    return np.asarray(ranks - (numbers.shape[-1] + 1) / 2)
