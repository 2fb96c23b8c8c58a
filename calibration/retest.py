"""Would the models rank the same had the questions been regenerated? Two searches, other topics, other seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..domain.streams import Stream, generator
from .answer_draws import draw_counts
from .array_simulation import search
from .extent import Extent, Task
from .profile_recovery import recovery
from .question_population import Bank
from .verdict import Section, line, mean_of
from .worlds import OPEN, RESERVED, World, search_settings

RETEST_TITLE = "Test and retest"
RETEST_ANSWERS = 20_000
"""Of each of the two searches."""


@dataclass(frozen=True)
class TwoBenchmarks:
    """Spearman correlation of two benchmarks' profiles: as measured, and as planted on the published questions."""

    measured: float
    planted: float


def world_retest(number: int, seed: int, simulator: int) -> TwoBenchmarks:
    """Grows two benchmarks on disjoint halves of a world's topics and measures the panel on fresh answers to both."""
    world = World(number, simulator=simulator)
    topics = Bank(world).framework.topics
    rng = generator(seed, Stream.CALIBRATION_RETEST, number)
    order = rng.permutation(len(topics))
    measured, planted = [], []
    for half in (0, 1):
        bank = Bank(world, [topics[place] for place in order[half::2]])
        settings = search_settings(RETEST_ANSWERS, seed=2 * seed + half)
        published = search(bank, settings).places
        rates = [bank.rates(place) for place in published]
        samples = settings.samples.evaluate
        counts = [draw_counts(each[None], bank.confusion, samples, bank.correlation_root, rng)[0] for each in rates]
        measured.append(np.mean(counts, axis=0) / samples)
        planted.append(np.mean(rates, axis=0))
    return TwoBenchmarks(recovery(*measured), recovery(*planted))


def tasks(extent: Extent) -> list[Task]:
    """One task a world; reserved ones in the full calibration."""
    first = (OPEN if extent.quick else RESERVED)[0]
    return [Task(world_retest, (first + n, extent.seed, extent.simulator)) for n in range(extent.pick(3, 24))]


def conclude(results: list[TwoBenchmarks]) -> Section:
    """The section from the tasks' results."""
    what = f"profiles of two benchmarks from other topics and seeds, {RETEST_ANSWERS:,} answers each"
    note = "each value's mean over models removed; fresh answers of the panel to the published questions"
    agreement = mean_of([each.measured for each in results])
    planted = mean_of([each.planted for each in results])
    lines = (
        line(RETEST_TITLE, what, agreement, "Spearman at least 0.9", within=(0.9, 1.0), note=note),
        line(RETEST_TITLE, "the same of the planted rates on these questions", planted),
    )
    return Section(title=RETEST_TITLE, lines=lines)
