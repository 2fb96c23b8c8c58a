"""A map and a tree of the models, from their distances (METHOD.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints


@dataclass(frozen=True)
class Map:
    """Models as points of a plane, by classical scaling (Torgerson).

    points     (K, 2) in the distances' unit, centred; NaN for a model that was left out. Only the distances between
               points mean anything: the axes are chosen by spread, their signs so that the farthest point is positive
    shown      share of the squared distances that the plane shows, in [0, 1]; NaN where all distances are 0
    misfit     Kruskal's stress: root mean squared error of the plane's distances over their root mean square; 0 is
               perfect, above 0.2 the map misleads. NaN where all distances are 0
    left_out   (K,) bool, models without a distance to every other model kept
    """

    points: Floats
    shown: float
    misfit: float
    left_out: Bools


@dataclass(frozen=True)
class Tree:
    """Models joined one after the other, nearest first, by the mean distance between groups (average linkage).

    merges     (k - 1, 4) in scipy's form: two joined groups (below k a kept model in ``models``'s order, k + r the
               group of merge r), their mean distance, and the number of models in the new group
    order      (k,) the models from left to right, so that no branches cross
    models     (k,) index of each kept model
    left_out   (K,) bool
    """

    merges: Floats
    order: Ints
    models: Ints
    left_out: Bools


def classical_map(distances: ArrayLike) -> Map:
    """The plane that shows ``distances`` (K, K), symmetric, NaN where unknown, best."""
    square = _checked(distances)
    complete = _complete(square)
    points = np.full((len(square), 2), np.nan)
    known = square[np.ix_(complete, complete)]
    models = len(known)
    if models == 0:
        return Map(points, float("nan"), float("nan"), ~complete)
    centring = np.eye(models) - 1.0 / models
    values, vectors = np.linalg.eigh(-0.5 * centring @ np.square(known) @ centring)
    largest = np.argsort(-values, kind="stable")[:2]
    plane = vectors[:, largest] * np.sqrt(np.maximum(values[largest], 0.0))
    farthest = plane[np.abs(plane).argmax(axis=0), np.arange(plane.shape[1])]
    points[complete] = 0.0
    points[complete, : plane.shape[1]] = plane * np.where(farthest < 0, -1.0, 1.0)
    total = np.square(known).sum()
    if total == 0:
        return Map(points, float("nan"), float("nan"), ~complete)
    drawn = np.linalg.norm(points[complete][:, None] - points[complete][None], axis=-1)
    # Distances that fit no space have negative eigenvalues: they count as what the plane does not show.
    explained = float(np.maximum(values[largest], 0.0).sum() / np.abs(values).sum())
    return Map(points, explained, float(np.sqrt(np.square(drawn - known).sum() / total)), ~complete)


def average_linkage(distances: ArrayLike) -> Tree | None:
    """The tree of ``distances`` (K, K), symmetric, NaN where unknown; None with fewer than two models kept."""
    square = _checked(distances)
    complete = _complete(square)
    if complete.sum() < 2:
        return None
    from scipy.cluster.hierarchy import leaves_list, linkage

    condensed = square[np.ix_(complete, complete)][np.triu_indices(int(complete.sum()), 1)]
    merges = linkage(condensed, method="average", optimal_ordering=True)
    models = np.flatnonzero(complete)
    return Tree(np.asarray(merges, dtype=np.float64), models[leaves_list(merges)], models, ~complete)


def _checked(distances: ArrayLike) -> Floats:
    square = np.array(distances, dtype=np.float64)
    if square.ndim != 2 or square.shape[0] != square.shape[1]:
        raise ValueError(f"distances {square.shape} must be (K, K)")
    if not np.allclose(square, square.T, equal_nan=True) or np.any(square < 0):
        raise ValueError("distances must be symmetric and not negative")
    np.fill_diagonal(square, 0.0)
    return square


def _complete(square: Floats) -> Bools:
    """Which models to keep so that no distance is unknown: the one with most gaps is dropped until there is none."""
    complete = np.ones(len(square), dtype=bool)
    while (gaps := (np.isnan(square) & complete & complete[:, None]).sum(axis=1)).any():
        complete[int(gaps.argmax())] = False
    return complete
