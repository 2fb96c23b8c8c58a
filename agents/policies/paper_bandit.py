"""The bandit of AdAEM's Algorithm 1 (arXiv 2505.13531), as a baseline.

As METHOD.md describes it: plain UCB1 (Auer, Cesa-Bianchi & Fischer 2002) with every topic an arm from the start, the
running mean score ``Q`` as an arm's value, its draws ``C`` as its count and no scaling of the bonus (c = 1, although
scores span a fraction of a bit). An arm never drawn comes first, in the order of the topics; so with fewer draws than
topics it never chooses at all. Where this departs from the paper's loop: that draws one arm at a time and rewrites the
new question a fixed number of times within the draw; here a round takes the ``moves`` arms of highest index, and a
rewrite is a move of its own, which this policy never makes (rewriting every proposal only cost, in a simulation).
"""

from __future__ import annotations

import numpy as np

from .policy import Move, SearchView
from .topic_choice import proposal_records, propose_best
from .ucb import upper_confidence_bound


def paper(view: SearchView, moves: int, rng: np.random.Generator) -> list[Move]:
    """Proposals for the topics of greatest ``Q + sqrt(2 ln t / C)``; lower index first. Uses no randomness.

    ``worth`` of a topic never drawn is infinite.
    """
    _, mean = proposal_records(view)
    bound = upper_confidence_bound(mean, view.draws, weight=1.0)
    order = np.arange(len(bound), dtype=np.float64)
    return propose_best(view, moves, bound, order, {"mean": mean, "draws": view.draws.astype(np.float64)})
