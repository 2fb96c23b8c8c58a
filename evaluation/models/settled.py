"""How many contrasts a set of questions settles: what a user of a benchmark wants of it (METHOD.md section 5).

The number grows with questions and topics, so that sets are compared at as many of both: one question a topic, as
many topics.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from ...domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from .contrasts import DIFFERENT, contrasts
from .measurements import Measurements

TOPIC_GROUPS = 10
"""Of topics, each left out once."""


@dataclass(frozen=True)
class SettledContrasts:
    """How many of ``compared`` contrasts (pairs x values) are significant on ``topics`` questions, one a topic.

    ``interval``: 95 %, over topics, from 0 to ``compared``.
    """

    different: int
    compared: int
    interval: tuple[float, float]
    topics: int


def settled_contrasts(measured: Measurements, topics: int, rng: np.random.Generator) -> SettledContrasts | None:
    """The contrasts that are different on one random question of each of ``topics`` random topics.

    The interval is a t interval from a jackknife that leaves out a tenth of the topics at a time (Kott 2001, Journal of
    Official Statistics 17(4)): resampling topics would count some of them twice, and find too much. None with too
    few topics for a verdict where a tenth is left out, or with fewer than two models.
    """
    labels = np.unique(measured.topics)
    models, values = measured.rates.shape[1:]
    count = min(topics, len(labels))
    if models < 2 or count - -(-count // TOPIC_GROUPS) < FEWEST_TOPICS_FOR_A_VERDICT:
        return None
    chosen = rng.choice(labels, size=count, replace=False)
    rows = np.array([rng.choice(np.flatnonzero(measured.topics == label)) for label in chosen])
    group = np.arange(count) % TOPIC_GROUPS
    different = _different(measured, rows)
    without = np.array([_different(measured, rows[group != left_out]) for left_out in range(TOPIC_GROUPS)])
    error = float(np.sqrt((TOPIC_GROUPS - 1) / TOPIC_GROUPS * np.square(without - without.mean()).sum()))
    half = float(stdtrit(TOPIC_GROUPS - 1, 0.975)) * error
    compared = models * (models - 1) // 2 * values
    interval = max(0.0, different - half), min(float(compared), different + half)
    return SettledContrasts(different, compared, interval, count)


def _different(measured: Measurements, rows: np.typing.NDArray[np.int64]) -> int:
    part = Measurements(measured.rates[rows], measured.answers[rows], measured.topics[rows])
    return int((contrasts(part).verdict == DIFFERENT).sum())
