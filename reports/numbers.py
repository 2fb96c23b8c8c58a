"""From floats of the statistics, where NaN means that nothing can be said, to those of the records, where None does."""

from __future__ import annotations

import math

from ..domain.accuracy import Figure


def known(number: float) -> float | None:
    """The number; None for NaN and infinity: JSON has neither."""
    return float(number) if math.isfinite(number) else None


def figure(estimate: float, low: float, high: float) -> Figure | None:
    """An estimate with its interval; None without an estimate, no interval where an end of it is not known."""
    if not math.isfinite(estimate):
        return None
    interval = (float(low), float(high)) if math.isfinite(low) and math.isfinite(high) else None
    return Figure(estimate=float(estimate), interval=interval)
