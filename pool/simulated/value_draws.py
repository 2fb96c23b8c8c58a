"""How the values of one answer are drawn from their probabilities: each by itself, or in bundles."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from .chance import Floats
from .version_parameters import parameters_of

ValueDraw = Callable[[random.Random], list[int]]
"""Draws one answer: the places of the values that it expresses, in rising order."""


def independent_values(chance: Sequence[float]) -> ValueDraw:
    """Each value with its own probability, whatever else the answer expresses."""

    def draw(rng: random.Random) -> list[int]:
        return [value for value, p in enumerate(chance) if rng.random() < p]

    return draw


def bundled_values(chance: Sequence[float], root: Floats) -> ValueDraw:
    """A Gaussian copula: value ``v`` where the normal ``(root @ z)[v]`` lies below the quantile of its probability.

    ``root`` (d, d) is the Cholesky factor of the values' correlations. The probabilities stay exactly ``chance``.
    """
    quantiles = np.array([NormalDist().inv_cdf(p) for p in chance])

    def draw(rng: random.Random) -> list[int]:
        latent = root @ np.array([rng.gauss(0.0, 1.0) for _ in quantiles])
        return np.flatnonzero(latent < quantiles).tolist()

    return draw


@lru_cache(maxsize=64)
def correlation_root(version: int, values: tuple[str, ...]) -> Floats | None:
    """(d, d) Cholesky factor of the version's correlations of these values; None where none is correlated."""
    correlations = np.eye(len(values))
    places = {value: place for place, value in enumerate(values)}
    for one, other, size in parameters_of(version).correlations:
        if one in places and other in places:
            a, b = places[one], places[other]
            correlations[a, b] = correlations[b, a] = size
    if np.array_equal(correlations, np.eye(len(values))):
        return None
    return np.asarray(np.linalg.cholesky(correlations), dtype=np.float64)


def value_draw(version: int, values: tuple[str, ...], chance: Sequence[float]) -> ValueDraw:
    """The version's draw of answers to a question with these probabilities."""
    root = correlation_root(version, values)
    return independent_values(chance) if root is None else bundled_values(chance, root)
