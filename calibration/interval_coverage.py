"""How often the intervals of a report hold the truth: rates, differences, strengths and win rates, rare to common.

Each value is an independent draw of one evaluation: topics move all models alike on the logistic scale, questions each
model a little more. In half of the worlds the models are alike, in the others they differ; all truths are integrals
over topics that nobody asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, ndtri

from ..domain.streams import Stream, generator
from ..evaluation.models.bradley_terry import Strengths, bradley_terry
from ..evaluation.models.contrasts import paired_differences
from ..evaluation.models.measurements import Measurements
from ..evaluation.models.profiles import profiles
from .extent import Extent, Task
from .verdict import Line, Measurement, Section, Table, line, mean_of, several, share_of, worst_line

COVERAGE_TITLE = "Coverage of intervals"
COVERED_RATES = (0.01, 0.05, 0.2, 0.5, 0.95)
TOPIC_COUNTS = (20, 50)
LAYOUTS = ((1, 1), (3, 3))
"""Answers of a model to a question, and the most questions of a topic: of recorded answers, and of an evaluation."""

LEANS = (-0.6, -0.2, 0.2, 1.2)
"""How much more than the mean each of four models expresses a value, in log-odds, where they differ."""

TOPIC_SPREAD, QUESTION_SPREAD = 0.8, 0.4
"""Standard deviations in log-odds: of a topic, for all models; of a question, for each model."""

CONCENTRATED = 2.5
"""Spread of the topics where a value hangs on few of them; only reported."""

VALUES_AT_ONCE = 200
"""Values of one evaluation."""

FIGURES = ("rate", "difference", "strength", "win rate")
COVERED = "at least 93 %; holds when every interval lies above"
EXCLUDED = "at most 6 %; holds when every interval lies below"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """What many topics would give, each (K,)."""

    rate: Floats
    strength: Floats
    win_rate: Floats


@dataclass(frozen=True)
class Case:
    """One design: ``rate`` of a model that leans neither way, so many ``topics``, answers and questions a topic."""

    rate: float
    topics: int
    answers: int
    most: int
    alike: bool
    spread: float = TOPIC_SPREAD

    @property
    def name(self) -> str:
        """For people."""
        return f"rate {self.rate}, {self.topics} topics, {self.answers} answer{'s' * (self.answers > 1)}"

    @property
    def leans(self) -> Floats:
        """(K,) log-odds."""
        return np.zeros(len(LEANS)) if self.alike else np.array(LEANS)


def cases() -> list[Case]:
    """Models that are alike first, then models that differ, last a value that hangs on few topics."""
    designs = list(product(COVERED_RATES, TOPIC_COUNTS, LAYOUTS))
    usual = [Case(*design[:2], *design[2], alike) for alike in (True, False) for design in designs]
    return usual + [Case(*design[:2], *design[2], True, CONCENTRATED) for design in designs]


@cache
def _base(rate: float, spread: float) -> float:
    """The log-odds at which a model that leans neither way has ``rate`` over all topics and questions."""
    z = _normal() * np.hypot(spread, QUESTION_SPREAD)
    return float(brentq(lambda level: expit(level + z).mean() - rate, -30.0, 30.0))


def _normal(points: int = 4001) -> Floats:
    """Points of equal weight of the normal distribution."""
    return np.asarray(ndtri((np.arange(points) + 0.5) / points))


@cache
def truth_of(case: Case) -> Truth:
    """The integrals over topics and questions."""
    odds = _base(case.rate, case.spread) + case.leans
    topics = case.spread * _normal()[:, None] + odds
    chances = expit(topics[..., None] + QUESTION_SPREAD * _normal(101)).mean(axis=-1)
    fit = bradley_terry(chances[..., None], np.arange(len(chances)), ridge=1e-6)
    return Truth(chances.mean(axis=0), fit.strength[:, 0], fit.win_rate[:, 0])


def covered(case: Case, values: int, seed: int) -> Floats:
    """(figures, values) share of the models, or pairs, whose interval holds the truth; NaN where none has one."""
    numbers = round(1000 * case.rate), case.topics, case.answers, int(case.alike), round(10 * case.spread)
    rng = generator(seed, Stream.CALIBRATION_COVERAGE, *numbers)
    parts = [_covered(case, min(VALUES_AT_ONCE, values - done), rng) for done in range(0, values, VALUES_AT_ONCE)]
    return np.concatenate(parts, axis=1)


def _covered(case: Case, values: int, rng: np.random.Generator) -> Floats:
    truth, models = truth_of(case), len(LEANS)
    topic = np.repeat(np.arange(case.topics), rng.integers(1, case.most + 1, size=case.topics))
    of_topic = rng.normal(0, case.spread, size=(case.topics, 1, values))[topic]
    own = rng.normal(0, QUESTION_SPREAD, size=(len(topic), models, values))
    odds = _base(case.rate, case.spread) + case.leans[:, None] + of_topic + own
    rates = rng.binomial(case.answers, expit(odds)) / case.answers
    answers = np.full(rates.shape[:2], case.answers)
    found = profiles(Measurements(rates, answers, topic)).rates
    first, second = np.triu_indices(models, 1)
    counts = answers[:, first, None]
    gaps = paired_differences(rates[:, first], rates[:, second], counts, counts, topic)
    fit: Strengths = bradley_terry(rates, topic, answers=answers)
    return np.stack(
        [
            _held(found.low, truth.rate, found.high),
            _held(gaps.low, truth.rate[first] - truth.rate[second], gaps.high),
            _held(fit.strength_interval[..., 0], truth.strength, fit.strength_interval[..., 1]),
            _held(fit.win_rate_interval[..., 0], truth.win_rate, fit.win_rate_interval[..., 1]),
        ]
    )


def _held(low: Floats, truth: Floats, high: Floats) -> Floats:
    """(d,) share of the intervals (K, d) that hold ``truth`` (K,)."""
    known = ~np.isnan(low)
    inside = (low <= truth[:, None]) & (truth[:, None] <= high) & known
    number = known.sum(axis=0)
    return np.asarray(np.divide(inside.sum(axis=0), number, out=np.full(number.shape, np.nan), where=number > 0))


def tasks(extent: Extent) -> list[Task]:
    """One a case."""
    return [Task(covered, (case, extent.pick(200, 8_000), extent.seed)) for case in cases()]


def conclude(results: list[Floats]) -> Section:
    """The section from the tasks' results, in their order."""
    found = dict(zip(cases(), results, strict=True))
    alike = [case for case in found if case.alike and case.spread == TOPIC_SPREAD]
    apart = [case for case in found if not case.alike]
    hanging = [case for case in found if case.spread == CONCENTRATED]
    lines: list[Line] = []
    for place, figure in enumerate(FIGURES):
        named = _measured(found, [*alike, *apart], place)
        what = f"the 95 % interval of a {figure} holds it"
        lines.append(worst_line(COVERAGE_TITLE, what, named, COVERED, within=(0.93, inf)))
    for place, figure in enumerate(FIGURES[1:3], start=1):
        named = _measured(found, alike, place, outside=True)
        what = f"models that are alike: the interval of a {figure} leaves out 0"
        lines.append(worst_line(COVERAGE_TITLE, what, named, EXCLUDED, within=(-inf, 0.06)))
    for place, figure in enumerate(FIGURES):
        name, least = min(_measured(found, hanging, place), key=lambda each: each[1].estimate)
        what = f"a value that hangs on few topics: the interval of a {figure} holds it"
        lines.append(line(COVERAGE_TITLE, what, least, note=f"the lowest of {len(hanging)}: {name}"))
    kinds = (
        ("models that are alike", alike),
        ("models that differ", apart),
        ("a value that hangs on few topics", hanging),
    )
    return Section(
        title=COVERAGE_TITLE, lines=tuple(lines), tables=tuple(_table(name, found, chosen) for name, chosen in kinds)
    )


def _measured(
    found: dict[Case, Floats], chosen: Sequence[Case], place: int, *, outside: bool = False
) -> list[tuple[str, Measurement]]:
    """Coverage of one figure, or its complement, in each case where at least half of the draws have an interval.

    The models of one value count as one draw, since they depend on each other. The intervals hold together.
    """
    measured = []
    for case in chosen:
        held = found[case][place]
        known = held[~np.isnan(held)]
        if 2 * len(known) >= len(held):
            hits = 1.0 - known if outside else known
            level = several(len(chosen))
            # Where nothing varies a t interval would be a point.
            varies = hits.min() < hits.max()
            share = mean_of(hits, level=level) if varies else share_of(int(hits.sum()), len(hits), level=level)
            measured.append((case.name, share))
    return measured


def _table(name: str, found: dict[Case, Floats], chosen: Sequence[Case]) -> Table:
    def cells(case: Case) -> list[str]:
        known = ~np.isnan(found[case])
        shares = [each[has].mean() if has.any() else np.nan for each, has in zip(found[case], known, strict=True)]
        return ["–" if np.isnan(share) else f"{100 * share:.1f}" for share in shares] + [
            f"{100 * (~known[2]).mean():.0f}"
        ]

    columns = ("rate", "topics", "answers × questions a topic", *FIGURES, "without a strength's")
    rows = tuple(
        (f"{case.rate}", f"{case.topics}", f"{case.answers} × {'1–' * (case.most > 1)}{case.most}", *cells(case))
        for case in chosen
    )
    return Table(title=f"Coverage of 95 % intervals in per cent, {name}", columns=columns, rows=rows)
