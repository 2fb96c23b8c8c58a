"""Topics at random: the baseline that counts (METHOD.md section 6)."""

from __future__ import annotations

import numpy as np

from .policy import Move, SearchView
from .topic_choice import propose_best


def random_topics(view: SearchView, moves: int, rng: np.random.Generator) -> list[Move]:
    """Living topics drawn uniformly without replacement, each for one proposal; ``worth`` is 0. Never rewrites."""
    topics = len(view.alive)
    return propose_best(view, moves, np.zeros(topics), rng.random(topics))
