"""Thompson sampling on the topics' mean scores."""

from __future__ import annotations

import numpy as np

from .policy import Move, SearchView
from .topic_choice import propose_best
from .topic_model import fit_topics


def thompson(view: SearchView, moves: int, rng: np.random.Generator) -> list[Move]:
    """Proposals for the topics whose mean, drawn from its posterior, is greatest.

    ``worth`` is the draw, in bits. Never rewrites, asks no neighbours.
    """
    model = fit_topics(view, neighbours=False)
    sd = np.sqrt(model.mean_variance)
    sample = model.mean + sd * rng.standard_normal(len(sd))
    return propose_best(view, moves, sample, np.arange(len(sd), dtype=np.float64), {"mean": model.mean, "sd": sd})
