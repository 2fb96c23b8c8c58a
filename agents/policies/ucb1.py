"""Plain UCB1 (Auer, Cesa-Bianchi & Fischer 2002), which earlier versions took for the paper's bandit.

Kept so that runs which began with it go on as they were; ``paper_bandit`` is the paper's. Every topic is an arm from
the start, the running mean first score ``Q`` an arm's value, its draws ``C`` its count; the bonus grows with the draws
so far and is not scaled (c = 1, although divergences span a fraction of a bit). An arm never drawn comes first, in the
order of the topics; so with fewer draws than topics it never chooses at all. It never rewrites.
"""

from __future__ import annotations

import numpy as np

from .policy import Move, SearchView
from .topic_choice import proposal_records, propose_best
from .ucb import upper_confidence_bound


def ucb1(view: SearchView, moves: int, rng: np.random.Generator) -> list[Move]:
    """Proposals for the topics of greatest ``Q + sqrt(2 ln t / C)``; lower index first. Uses no randomness.

    ``worth`` of a topic never drawn is infinite.
    """
    _, mean = proposal_records(view)
    bound = upper_confidence_bound(mean, view.draws, weight=1.0)
    order = np.arange(len(bound), dtype=np.float64)
    return propose_best(view, moves, bound, order, {"mean": mean, "draws": view.draws.astype(np.float64)})
