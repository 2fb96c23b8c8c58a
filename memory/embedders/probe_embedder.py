"""One probe of an embedder of one's own, before a run writes anything: what is wrong with it shows here in one line."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np

from .embedder import SAME_TEXT, Embedder

TEXTS = ("Is it right to work overtime?", "Should schools stop serving meat?", "Is it right to work overtime?")
"""Two texts, and the first of them once more."""

UNIT_TOLERANCE = 1e-3
"""How far from 1 a row's length may be: more than single precision takes away, far less than any threshold."""


def defect(embedder: Embedder) -> str:
    """What is wrong with it, empty when nothing is. May raise what the embedder raises."""
    named = ("name", "fingerprint", "note")
    if wrong := [each for each in named if not isinstance(getattr(embedder, each), str)]:
        return f"its {wrong[0]} is {getattr(embedder, wrong[0])!r}, not a text"
    if not embedder.fingerprint:
        return "its fingerprint is empty"
    for each in ("nearest", "mean_of_three"):
        threshold = getattr(embedder, each)
        if not (isinstance(threshold, Real) and -1 <= float(threshold) <= 1):
            return f"its threshold {each} is {threshold!r}, not a cosine"
    if not isinstance(embedder.dimension, Integral) or embedder.dimension < 1:
        return f"its dimension is {embedder.dimension!r}, not a whole number above 0"
    return _defect_of_rows(embedder.embed(list(TEXTS)), embedder.dimension)


def _defect_of_rows(rows: Any, dimension: int) -> str:
    if not isinstance(rows, np.ndarray):
        return f"embed returned {type(rows).__name__}, not a NumPy array"
    if rows.shape != (len(TEXTS), dimension):
        return f"embed returned an array {rows.shape} for {len(TEXTS)} texts, not ({len(TEXTS)}, {dimension})"
    if not np.issubdtype(rows.dtype, np.floating):
        return f"embed returned an array of {rows.dtype}, not of floats"
    if not np.isfinite(rows).all():
        return "embed returned figures that are NaN or infinite"
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
    if (np.abs(lengths - 1) > UNIT_TOLERANCE).any():
        return f"embed returned a row of length {lengths[np.argmax(np.abs(lengths - 1))]:.3g}, not 1"
    if float(rows[0] @ rows[2]) < SAME_TEXT:
        return "embed returned two different rows for the same text"
    return ""
