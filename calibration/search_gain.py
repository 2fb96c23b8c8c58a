"""What the search finds, against true D: the default policy, its ablations and the ceiling, world by world."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Any

import numpy as np

from .array_simulation import search
from .extent import Extent, Task
from .null_worlds import claims_of
from .question_population import Bank, ceilings
from .true_divergence import true_divergence
from .verdict import Line, Measurement, Section, Table, line, mean_of, median_of, several, share_of, worst_line
from .worlds import OPEN, RESERVED, World, search_settings

SEARCH_TITLE = "Search"
PAPERS_SEARCH: dict[str, Any] = {"policy": "paper", "refine_share": 1.0, "surrogate": "none", "samples": 2}
"""The paper's search as printed, within the pipeline's rounds and cap; two answers are the least that a search asks."""

DEFAULT, RANDOM = "default", "random topics, same pipeline"
ARMS: dict[str, tuple[dict[str, Any], str]] = {
    DEFAULT: ({}, "divergence"),
    RANDOM: ({"policy": "random"}, "divergence"),
    "ucb": ({"policy": "ucb"}, "divergence"),
    "thompson": ({"policy": "thompson"}, "divergence"),
    "no rewrites": ({"refine_share": 0.0}, "divergence"),
    "no neighbours": ({"neighbours": 0}, "divergence"),
    "the paper's system": (PAPERS_SEARCH, "paper"),
}
"""Ablations of the same pipeline: changed settings of the search, and what it maximises."""

MANY_ANSWERS = 100_000
MANY_SETTINGS: dict[str, Any] = {"moves_per_round": 36, "topic_draws": 1_000}
"""At 100,000 answers: larger rounds for time, and topics that do not run out (117 topics of 50 moves would)."""

CEILING_PROPOSALS = 20_000
SEARCH_VARIANTS = ("flat", "no-rewrites", "generic", "echo")


@dataclass(frozen=True)
class One:
    """One search: means over its published questions, in bits, and what it would have claimed."""

    true: float
    observed: float
    fresh: float
    topics: int
    published: int
    rewrites: float
    gain: bool
    settled: tuple[int, int] | None = None


@dataclass(frozen=True)
class WorldSearches:
    """All searches in one world, by answers and arm, one entry a seed; ``ceiling`` with and without cap."""

    world: World
    searches: dict[tuple[int, str], list[One]]
    ceiling: tuple[float, float] | None
    seeds_true: float


def world_searches(
    world: World, budgets: tuple[int, ...], arms: tuple[str, ...], repeats: int, proposals: int, seed: int
) -> WorldSearches:
    """Runs every arm at every budget ``repeats`` times; at 100,000 answers once. ``proposals`` 0: no ceiling."""
    bank = Bank(world)
    searches: dict[tuple[int, str], list[One]] = {}
    for answers in budgets:
        for arm in arms:
            many = answers >= MANY_ANSWERS
            changes, critic = ARMS[arm]
            changes = {**(MANY_SETTINGS if many else {}), **changes}
            searches[answers, arm] = [
                _one(bank, answers, changes, critic, seed + repeat) for repeat in range(1 if many else repeats)
            ]
    cap = search_settings(1).search.topic_cap
    best = ceilings(bank, proposals, search_settings(1).questions, (cap, None)) if proposals else None
    return WorldSearches(
        world, searches, None if best is None else (best[0], best[1]), float(true_divergence(bank.seed_rates).mean())
    )


def _one(bank: Bank, answers: int, changes: dict[str, Any], critic: str, seed: int) -> One:
    settings = search_settings(answers, seed=seed, **changes)
    result = search(bank, settings, critic=critic)
    claim = claims_of(bank, result, settings.samples.evaluate, seed)
    return One(
        true=float(result.true.mean()),
        observed=float(result.observed.mean()),
        fresh=float(result.fresh.mean()),
        topics=len(np.unique(result.topic)),
        published=len(result.true),
        rewrites=result.rewrites / max(result.moves, 1),
        gain=claim.gain,
        settled=claim.settled,
    )


def worlds_of(extent: Extent) -> list[World]:
    """Open worlds; in the full calibration the reserved ones too, and one of each kind and an uneven judge."""
    open_worlds = [World(number, simulator=extent.simulator) for number in OPEN[: extent.worlds]]
    if extent.quick:
        return open_worlds
    reserved = [World(number, simulator=extent.simulator) for number in RESERVED[: extent.worlds]]
    kinds = [
        World(RESERVED[extent.worlds + place], variant, simulator=extent.simulator)
        for place, variant in enumerate(SEARCH_VARIANTS)
    ]
    uneven = World(RESERVED[extent.worlds + len(SEARCH_VARIANTS)], style_penalty=0.3, simulator=extent.simulator)
    return open_worlds + reserved + kinds + [uneven]


def tasks(extent: Extent) -> list[Task]:
    """One task a world; the open worlds are left out at 100,000 answers, and are searched less often."""
    if extent.quick:
        return [
            Task(world_searches, (world, (20_000,), (DEFAULT, RANDOM), 1, 0, extent.seed))
            for world in worlds_of(extent)
        ]
    planned = []
    for world in worlds_of(extent):
        reserved = world.number in RESERVED
        budgets = (3_000, 20_000, MANY_ANSWERS) if reserved else (3_000, 20_000)
        repeats = 6 if reserved else 3
        planned.append(Task(world_searches, (world, budgets, tuple(ARMS), repeats, CEILING_PROPOSALS, extent.seed)))
    return planned


def ratio_of(default: list[One], other: list[One], *, level: float = 0.99) -> Measurement:
    """Mean true D of the default over another arm's in one world: a t interval of the log ratio, seeds paired."""
    logs = mean_of([log(a.true / b.true) for a, b in zip(default, other, strict=True)], level=level)
    interval = logs.interval and (exp(logs.interval[0]), exp(logs.interval[1]))
    return Measurement(estimate=exp(logs.estimate), interval=interval, draws=logs.draws)


def conclude(results: list[WorldSearches]) -> Section:
    """The section from the tasks' results."""
    judged = [each for each in results if each.world.number >= RESERVED[0]] or results
    usual = [each for each in judged if not each.world.variant and each.world.style_penalty is None]
    half = "reserved" if usual[0].world.number >= RESERVED[0] else "open"
    lines: list[Line] = []
    budgets = sorted({answers for answers, _ in judged[0].searches})
    for answers in budgets:
        ratios = [ratio_of(each.searches[answers, DEFAULT], each.searches[answers, RANDOM]).estimate for each in usual]
        criterion = "above 1" if answers == 20_000 else ""
        what = f"mean true D over random topics, {answers:,} answers, median of {len(usual)} {half} worlds"
        lines.append(line(SEARCH_TITLE, what, median_of(ratios), criterion, within=(1.0, float("inf"))))
    comparable = [each for each in judged if each.world.variant != "flat"]
    level = several(len(comparable))
    by_world = [
        (
            f"world {each.world.name}",
            ratio_of(each.searches[20_000, DEFAULT], each.searches[20_000, RANDOM], level=level),
        )
        for each in comparable
    ]
    what = f"the same in each of {len(by_world)} {half} worlds, 20,000 answers"
    criterion = "none significantly below 0.9; holds when every interval lies above 0.9"
    if all(measured.interval is not None for _, measured in by_world):
        lines.append(worst_line(SEARCH_TITLE, what, by_world, criterion, within=(0.9, float("inf"))))
    excess = [float(np.mean([one.fresh - one.observed for one in each.searches[20_000, DEFAULT]])) for each in judged]
    what = f"published score minus observed true D, 20,000 answers, {len(judged)} {half} worlds"
    criterion = "at most 0.01 bits"
    lines.append(line(SEARCH_TITLE, what, mean_of(excess), criterion, within=(float("-inf"), 0.01), unit="bits"))
    lines += _settled_lines(usual)
    lines += _ceiling_lines(usual, budgets)
    for each in judged:
        if each.world.variant == "flat":
            gains = [one.gain for (_, arm), runs in each.searches.items() if arm == DEFAULT for one in runs]
            lines.append(line(SEARCH_TITLE, "flat world: runs that claim a gain", share_of(sum(gains), len(gains))))
    return Section(title=SEARCH_TITLE, lines=tuple(lines), tables=tuple(_tables(results, budgets)))


def _settled_lines(usual: list[WorldSearches]) -> list[Line]:
    """Significant contrasts at 20,000 answers, mean over worlds; on as many topics as the published come from."""
    settled = {
        arm: [[one.settled for one in each.searches[20_000, arm] if one.settled is not None] for each in usual]
        for arm in (DEFAULT, RANDOM)
    }
    if not all(runs for arm in settled.values() for runs in arm):
        return []
    what = "significant contrasts of 100 (pairs × values), one question a topic, 20,000 answers"
    means = {
        "the published": [float(np.mean([one[0] for one in runs])) for runs in settled[DEFAULT]],
        RANDOM: [float(np.mean([one[0] for one in runs])) for runs in settled[RANDOM]],
        "seeds, as many topics": [float(np.mean([one[1] for one in runs])) for runs in settled[DEFAULT]],
    }
    return [line(SEARCH_TITLE, f"{what}: {name}", mean_of(counts)) for name, counts in means.items()]


def _ceiling_lines(usual: list[WorldSearches], budgets: list[int]) -> list[Line]:
    lines = []
    for answers in budgets:
        shares = [
            float(np.mean([one.true for one in each.searches[answers, DEFAULT]])) / each.ceiling[0]
            for each in usual
            if each.ceiling is not None
        ]
        if shares:
            what = f"mean true D over the best 50 of {CEILING_PROPOSALS:,} proposals, {answers:,} answers"
            lines.append(line(SEARCH_TITLE, what, mean_of(shares), note="the same cap of questions a topic"))
    return lines


def _mean(runs: list[One]) -> str:
    topics = np.mean([one.topics for one in runs])
    return f"{np.mean([one.true for one in runs]):.3f} ({topics:.0f})"


def _tables(results: list[WorldSearches], budgets: list[int]) -> list[Table]:
    arms = tuple(dict.fromkeys(arm for _, arm in results[0].searches))
    tables = []
    for answers in budgets:
        rows = []
        searched = [each for each in results if (answers, DEFAULT) in each.searches]
        for each in searched:
            cells = [each.world.name, f"{each.seeds_true:.3f}"]
            cells += [_mean(each.searches[answers, arm]) for arm in arms]
            if each.ceiling is not None:
                cells += [f"{each.ceiling[0]:.3f}", f"{each.ceiling[1]:.3f}"]
            rows.append(tuple(cells))
        columns = ("world", "seeds", *arms)
        columns += ("ceiling", "ceiling, no cap") if results[0].ceiling is not None else ()
        published = {one.published for each in searched for one in each.searches[answers, DEFAULT]}
        title = (
            f"Mean true D of the published {'–'.join(map(str, sorted(published)))} in bits (distinct topics), "
            f"{answers:,} answers"
        )
        tables.append(Table(title=title, columns=columns, rows=tuple(rows)))
    tables.append(_needs(results, budgets, arms))
    return tables


def _needs(results: list[WorldSearches], budgets: list[int], arms: tuple[str, ...]) -> Table:
    """How many answers each baseline needs for what the default reaches at 20,000; log-linear between budgets."""
    usual = [
        each
        for each in results
        if not each.world.variant and each.world.style_penalty is None and (budgets[-1], DEFAULT) in each.searches
    ]

    def curve(arm: str) -> list[float]:
        return [float(np.mean([np.mean([o.true for o in each.searches[n, arm]]) for each in usual])) for n in budgets]

    wanted = curve(DEFAULT)[budgets.index(20_000)]
    rows = []
    for arm in arms:
        reached = curve(arm)
        if reached[-1] < wanted:
            needed = f"more than {budgets[-1]:,}"
        else:
            needed = f"{np.exp(np.interp(wanted, np.maximum.accumulate(reached), np.log(budgets))):,.0f}"
        rows.append((arm, *(f"{value:.3f}" for value in reached), needed))
    columns = ("search", *(f"{n:,} answers" for n in budgets), "answers for what the default reaches at 20,000")
    title = f"Mean true D over {len(usual)} default worlds, in bits"
    return Table(title=title, columns=columns, rows=tuple(rows))
