"""How much of the remembered divergence is left today (METHOD.md section 3, staleness)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..evaluation.intervals.clustered_means import clustered_means
from ..evaluation.intervals.wilson import NO_SPREAD


@dataclass(frozen=True)
class Decay:
    """Means over the questions that could be scored again, in bits; intervals are 95 %, clustered by topic.

    ``change`` is today less remembered; its interval is None with too few topics, and where no topic differs from
    another. The remembered scores are the search's first ones, on which nothing was selected yet: drawn at random, they
    are not too high on average.
    """

    questions: int
    topics: int
    missing: int
    remembered: float | None
    today: float | None
    change: float | None
    interval: tuple[float, float] | None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def decay(remembered: Sequence[float], today: Sequence[float | None], topics: Sequence[str]) -> Decay:
    """Of Q questions: the remembered scores (bits), those of today (None where unscored) and the topics."""
    old = np.asarray(remembered, dtype=np.float64)
    new = np.array([np.nan if each is None else each for each in today], dtype=np.float64)
    there = ~np.isnan(new)
    labels = np.asarray(topics)[there]
    if not there.any():
        return Decay(0, 0, len(old), None, None, None, None)
    means = clustered_means((new - old)[there], labels)
    change, error = float(means.mean), float(means.standard_error)
    half = float(means.quantile()) * error
    return Decay(
        questions=int(there.sum()),
        topics=len(set(labels.tolist())),
        missing=int((~there).sum()),
        remembered=float(old[there].mean()),
        today=float(new[there].mean()),
        change=change,
        interval=(change - half, change + half) if error > NO_SPREAD else None,
    )
