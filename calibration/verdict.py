"""What a measured line says: holds, falls short, or cannot tell.

"Holds" means that a 99 % interval excludes failure, at the stated number of draws (METHOD.md section 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import comb, inf, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, stdtrit

from ..domain.record import Record

CONFIDENCE = 0.99


class Verdict(StrEnum):
    """``REPORTED`` stands beside a number for which nobody has set a mark."""

    HOLDS = "holds"
    FALLS_SHORT = "falls short"
    CANNOT_TELL = "cannot tell"
    REPORTED = "reported"


class Measurement(Record):
    """An estimate with its interval and the number of independent draws behind both.

    The interval is at 99 %, or wider where it stands for the worst of several; None where the draws are too few.
    """

    estimate: float
    interval: tuple[float, float] | None
    draws: int


class Line(Record):
    """One line of the report. ``criterion`` says in words what holds; empty for a reported number."""

    section: str
    what: str
    criterion: str
    measured: Measurement
    verdict: Verdict
    unit: str = ""
    note: str = ""


class Table(Record):
    """Numbers behind the lines, as they are printed."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Section(Record):
    """One part of the report."""

    title: str
    lines: tuple[Line, ...]
    tables: tuple[Table, ...] = ()


def mean_of(values: ArrayLike, *, level: float = CONFIDENCE) -> Measurement:
    """Mean of independent draws with a t interval; none with fewer than two draws."""
    drawn = np.asarray(values, dtype=np.float64)
    count, mean = len(drawn), float(drawn.mean())
    if count < 2:
        return Measurement(estimate=mean, interval=None, draws=count)
    half = float(stdtrit(count - 1, 0.5 + level / 2)) * float(drawn.std(ddof=1)) / sqrt(count)
    return Measurement(estimate=mean, interval=(mean - half, mean + half), draws=count)


def share_of(successes: int, draws: int, *, level: float = CONFIDENCE) -> Measurement:
    """A share of independent draws with its exact (Clopper–Pearson) interval."""
    tail = (1 - level) / 2
    low = float(betaincinv(successes, draws - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, draws - successes, 1 - tail)) if successes < draws else 1.0
    return Measurement(estimate=successes / draws, interval=(low, high), draws=draws)


def median_of(values: Sequence[float]) -> Measurement:
    """Median of independent draws; the interval lies between order statistics, none with fewer than eight draws."""
    ordered, count = sorted(values), len(values)
    estimate = float(np.median(ordered))
    outside, rank = 0.0, 0  # ``outside``: probability that the median lies beyond the ``rank`` outermost of one side
    while (more := outside + comb(count, rank) / 2**count) <= (1 - CONFIDENCE) / 2:
        outside, rank = more, rank + 1
    interval = (ordered[rank - 1], ordered[count - rank]) if rank else None
    return Measurement(estimate=estimate, interval=interval, draws=count)


def several(count: int) -> float:
    """The level of each of ``count`` intervals that hold together at 99 % (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / max(count, 1)


def judge(measured: Measurement, *, within: tuple[float, float], beyond: tuple[float, float] | None = None) -> Verdict:
    """Holds when the interval lies in ``within``; falls short when it lies outside ``beyond`` altogether.

    ``beyond`` is the range outside of which the instrument has failed, ``within`` by default; bounds may be infinite.
    """
    if measured.interval is None:
        return Verdict.CANNOT_TELL
    low, high = measured.interval
    if within[0] <= low and high <= within[1]:
        return Verdict.HOLDS
    failed = beyond or within
    return Verdict.FALLS_SHORT if high < failed[0] or low > failed[1] else Verdict.CANNOT_TELL


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on several things that must all hold."""
    for verdict in (Verdict.FALLS_SHORT, Verdict.CANNOT_TELL):
        if verdict in verdicts:
            return verdict
    return Verdict.HOLDS


def line(
    section: str,
    what: str,
    measured: Measurement,
    criterion: str = "",
    *,
    within: tuple[float, float] = (-inf, inf),
    beyond: tuple[float, float] | None = None,
    unit: str = "",
    note: str = "",
) -> Line:
    """A line with its verdict; without a criterion the number is only reported.

    Where ``within`` is a margin about 0 and the interval leaves out 0, "cannot tell" is about the margin: the note
    says so.
    """
    verdict = judge(measured, within=within, beyond=beyond) if criterion else Verdict.REPORTED
    if verdict is Verdict.CANNOT_TELL and within[0] == -within[1] and measured.interval is not None:
        low, high = measured.interval
        if low > 0 or high < 0:
            note = "; ".join(filter(None, (note, "not 0; whether beyond the mark cannot be told")))
    return Line(
        section=section, what=what, criterion=criterion, measured=measured, verdict=verdict, unit=unit, note=note
    )


def worst_line(
    section: str,
    what: str,
    found: Sequence[tuple[str, Measurement]],
    criterion: str,
    *,
    within: tuple[float, float],
    beyond: tuple[float, float] | None = None,
    unit: str = "",
) -> Line:
    """One line for several named measurements that must all hold, their intervals being simultaneous ones.

    It shows the one with the worst verdict; among equals, the one that comes nearest to, or farthest beyond, a bound.
    """
    verdicts = [judge(measured, within=within, beyond=beyond) for _, measured in found]
    verdict = worst(verdicts)

    def margin(measured: Measurement) -> float:
        low, high = measured.interval or (measured.estimate, measured.estimate)
        return min(low - within[0], within[1] - high)

    same = [pair for pair, own in zip(found, verdicts, strict=True) if own is verdict]
    name, shown = min(same, key=lambda pair: margin(pair[1]))
    note = f"the worst of {len(found)}: {name}"
    return Line(section=section, what=what, criterion=criterion, measured=shown, verdict=verdict, unit=unit, note=note)
