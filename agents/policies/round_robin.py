"""Every topic in turn."""

from __future__ import annotations

import numpy as np

from .policy import Move, SearchView
from .topic_choice import propose_best


def round_robin(view: SearchView, moves: int, rng: np.random.Generator) -> list[Move]:
    """The living topics with the fewest draws, in index order; ``worth`` is minus the draws. Uses no randomness."""
    draws = view.draws.astype(np.float64)
    return propose_best(view, moves, -draws, np.arange(len(draws), dtype=np.float64), {"draws": draws})
