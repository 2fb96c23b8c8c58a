"""How much a new question is expected to improve the best M."""

from __future__ import annotations

from math import pi

import numpy as np
from scipy.special import ndtr

from .policy import Floats, SearchView


def expected_excess(mean: Floats, sd: Floats, threshold: Floats | float) -> Floats:
    """``E[max(X - c, 0)]`` for normal X and threshold c, elementwise.

    ``(mean - c) Phi(z) + sd phi(z)`` with ``z = (mean - c) / sd``; ``sd`` must be positive. The expected improvement of
    Jones, Schonlau & Welch (1998).
    """
    z = (mean - threshold) / sd
    density = np.exp(-0.5 * np.square(z)) / np.sqrt(2.0 * pi)
    return np.asarray((mean - threshold) * ndtr(z) + sd * density)


def entry_thresholds(view: SearchView, value: Floats) -> Floats:
    """(T,) what a new question of each topic must exceed to enter the best M, in bits, given the ``value`` (Q,) of all.

    That is the M-th best value among each topic's ``topic_cap`` best, or, for a topic that has ``topic_cap`` questions
    above it already, the worst of these: a further question can only take that one's place. With fewer than M
    questions it is the worst of them, for want of better; 0 when there is none.
    """
    topics = len(view.alive)
    if not len(value):
        return np.zeros(topics)
    order = np.lexsort((-value, view.topic))
    first = np.searchsorted(view.topic[order], np.arange(topics))
    rank = np.arange(len(order)) - first[view.topic[order]]
    counted = np.sort(value[order[rank < view.topic_cap]])
    bar = counted[-min(view.target, len(counted))]
    own_worst = np.full(topics, -np.inf)
    last_counted = order[rank == view.topic_cap - 1]
    own_worst[view.topic[last_counted]] = value[last_counted]
    return np.asarray(np.maximum(bar, own_worst))
