"""When grown questions may be said to separate models better than the seeds do."""

from __future__ import annotations

from ..intervals.averages import Average


def gain_is_shown(grown: Average, difference: Average) -> bool:
    """Whether the interval of the difference, and that of the ``grown`` questions' own divergence, lie above 0.

    A divergence may come out negative by chance, or where models answer at random: seeds below 0 are no merit of the
    grown questions, which must separate the models themselves. False where either has no interval.
    """
    return all(each.interval is not None and each.interval[0] > 0 for each in (grown, difference))
