"""Graded scores of items that each measure one value: means by value, and which models differ (METHOD.md section 5).

An item says nothing of other values: where it has no score it is missing. Intervals are those of rates
(``intervals.clustered_means``) without their bound by the number of answers, since a graded score can vary less than
yes and no of the same mean do.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from numpy.typing import ArrayLike

from ...domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from ..divergence.entropy import Floats
from ..divergence.expressions import Ints
from ..intervals.clustered_means import clustered_means, rate_interval
from .contrasts import MARGIN, Contrasts, PairedDifferences, contrast_verdicts, paired_differences
from .profiles import Estimates


def score_means(scores: ArrayLike, values: ArrayLike, topics: ArrayLike, count: int) -> Estimates:
    """Mean score of each model on each of ``count`` values, (K, d), every item weighing alike.

    ``scores`` (Q, K) in [0, 1], NaN where missing; ``values`` (Q,) the index of each item's value; ``topics`` (Q,)
    labels of any kind, the unit of the intervals.
    """
    columns = []
    for rows, labels in _by_value(scores, values, topics, count):
        means = clustered_means(rows, labels)
        low, high = rate_interval(means, np.inf)
        columns.append((means.mean, low, high, means.standard_error, means.degrees))
    return Estimates(*(np.stack(column, axis=-1) for column in zip(*columns, strict=True)))


def score_contrasts(
    scores: ArrayLike, values: ArrayLike, topics: ArrayLike, count: int, *, margin: float = MARGIN
) -> Contrasts:
    """Contrasts of every pair of the K >= 2 models on each of ``count`` values; arguments as of ``score_means``.

    Differences are over the items that both scored. A pair with fewer than ``FEWEST_TOPICS_FOR_A_VERDICT`` topics is
    not tested: it could not be settled, and would cost the others power.
    """
    pairs = np.array(np.triu_indices(np.shape(scores)[1], k=1), dtype=np.int64).T
    parts = [_differences(rows, labels, pairs) for rows, labels in _by_value(scores, values, topics, count)]
    columns = (np.stack([getattr(part, field.name) for part in parts], axis=-1) for field in fields(PairedDifferences))
    differences = PairedDifferences(*columns)
    enough = differences.topics >= FEWEST_TOPICS_FOR_A_VERDICT
    tested = replace(differences, p_value=np.where(enough, differences.p_value, np.nan))
    return contrast_verdicts(tested, pairs, margin=margin)


def _differences(rows: Floats, labels: Ints, pairs: Ints) -> PairedDifferences:
    unbounded = np.full((1, len(pairs)), np.inf)
    return paired_differences(rows[:, pairs[:, 0]], rows[:, pairs[:, 1]], unbounded, unbounded, labels)


def _by_value(scores: ArrayLike, values: ArrayLike, topics: ArrayLike, count: int) -> list[tuple[Floats, Ints]]:
    """The scores and topics of each value's items. Raises ValueError when shapes do not fit."""
    table, tags, labels = np.asarray(scores, dtype=np.float64), np.asarray(values), np.asarray(topics)
    if table.ndim != 2 or tags.shape != table.shape[:1] or labels.shape != tags.shape:
        raise ValueError(f"scores {table.shape} must be (Q, K), values {tags.shape} and topics {labels.shape} (Q,)")
    return [(table[tags == value], labels[tags == value]) for value in range(count)]
