"""From floats of the statistics, where NaN means that nothing can be said, to those of the records, where None does."""

from __future__ import annotations

import math

from ..domain.critique import MEASURE_DIVERGENCE, Critique
from ..domain.judge_accuracy import Figure
from ..evaluation.divergence.d_star import confidence_interval


def known(number: float) -> float | None:
    """The number; None for NaN and infinity: JSON has neither."""
    return float(number) if math.isfinite(number) else None


def figure(estimate: float, low: float, high: float) -> Figure | None:
    """An estimate with its interval; None without an estimate, no interval where an end of it is not known."""
    if not math.isfinite(estimate):
        return None
    interval = (float(low), float(high)) if math.isfinite(low) and math.isfinite(high) else None
    return Figure(estimate=float(estimate), interval=interval)


def uncut_interval(critique: Critique) -> tuple[float, float] | None:
    """The interval of a critique's divergence with its ends below 0; earlier versions recorded it cut."""
    score = critique.score
    if score is None or score.interval is None or score.variance is None or critique.critic not in MEASURE_DIVERGENCE:
        return None if score is None else score.interval
    if score.noise_variance is not None:
        return score.interval
    low, high = confidence_interval(score.divergence, score.variance, sum(critique.samples) - len(critique.samples))
    return float(low), float(high)


def fine_enough(figure: Figure, scale: float, form: str) -> str:
    """``form`` ("z.0f"), with as many more digits as it takes to tell the ends of the interval apart.

    At most three: an interval is no point, and "0 ±0" would say that it is.
    """
    if figure.interval is None:
        return form
    digits = int(form[-2])
    width = scale * (figure.interval[1] - figure.interval[0])
    more = next((more for more in range(3) if width / 2 >= 0.5 * 10.0 ** -(digits + more)), 3)
    return f"{form[:-2]}{digits + more}f"
