"""One calibration from its extent to its report, on as many processes as there are processors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import ModuleType
from typing import Any

from ..domain.record import Record
from . import end_to_end, estimators, false_alarms, interval_coverage, retest
from . import null_worlds as nothing_to_find
from . import profile_recovery as profiles
from . import search_gain as search
from .extent import Extent, Task
from .verdict import Section, Verdict

SECTIONS: tuple[ModuleType, ...] = (
    estimators,
    false_alarms,
    interval_coverage,
    nothing_to_find,
    profiles,
    retest,
    search,
    end_to_end,
)

QUICK_WORLDS, FULL_WORLDS = 8, 12
"""Default worlds of each half, unless told otherwise; with fewer than eight a median has no 99 % interval."""


class Report(Record):
    """The whole result. ``verdict`` is the worst of all lines that have a criterion."""

    quick: bool
    worlds: int
    seed: int
    simulator_version: str
    verdict: Verdict
    counts: dict[str, int]
    sections: tuple[Section, ...]


def calibrate(extent: Extent, on_progress: Callable[[int, int], None], *, workers: int | None = None) -> Report:
    """Does all tasks and concludes; the report depends on ``extent`` alone, not on the number of ``workers``.

    ``on_progress`` hears (tasks done, tasks in all). With one worker everything happens in this process.
    """
    planned = [section.tasks(extent) for section in SECTIONS]
    jobs = [job for part in planned for job in part]
    on_progress(0, len(jobs))
    results: list[Any] = []
    for result in _results(jobs, workers or os.cpu_count() or 1):
        results.append(result)
        on_progress(len(results), len(jobs))
    sections, start = [], 0
    for section, part in zip(SECTIONS, planned, strict=True):
        sections.append(section.conclude(results[start : start + len(part)]))
        start += len(part)
    return report_of(extent, tuple(sections))


def _results(jobs: list[Task], workers: int) -> Iterator[Any]:
    if workers == 1:
        yield from (job.run() for job in jobs)
        return
    # A fresh interpreter each: a forked one may hold the locks of threads that it does not have.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(Task.run, jobs)


def report_of(extent: Extent, sections: tuple[Section, ...]) -> Report:
    """The report with its verdict over all lines."""
    verdicts = [line.verdict for section in sections for line in section.lines]
    short = Verdict.FALLS_SHORT in verdicts
    unsettled = Verdict.CANNOT_TELL in verdicts
    return Report(
        quick=extent.quick,
        worlds=extent.worlds,
        seed=extent.seed,
        simulator_version=str(extent.simulator),
        verdict=Verdict.FALLS_SHORT if short else Verdict.CANNOT_TELL if unsettled else Verdict.HOLDS,
        counts={verdict.value: verdicts.count(verdict) for verdict in Verdict},
        sections=sections,
    )
