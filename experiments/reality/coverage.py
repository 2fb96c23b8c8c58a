"""Coverage: how often the intervals of a part hold what the whole grid says."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np
from adaem.evaluation.divergence.entropy import Floats
from adaem.evaluation.models.bradley_terry import bradley_terry
from adaem.evaluation.models.contrasts import contrasts
from adaem.evaluation.models.item_scores import score_contrasts, score_means
from adaem.evaluation.models.profiles import profiles

from .draws import subsample
from .power import measured, whole
from .recorded_sets import JudgedSet, RatedSet, RecordedSets
from .tables import mean_interval, table

RATE_EDGES = (0.0, 0.02, 0.1, 0.3, 0.7, 0.9, 1.0001)
DIFFERENCE_EDGES = (0.0, 0.02, 0.1, 0.3, 1.0001)
Held = dict[str, list[float]]


def coverage(sets: RecordedSets, draws: int, seed: int) -> str:
    """Shares of 95 % intervals that hold the figure of the full grid; ``draws / 2`` parts a column."""
    draws = max(2, draws // 2)
    parts = [
        "## Coverage",
        "The grid is the population: topics and answers are drawn from it with replacement, so that no correction for "
        "a finite population is needed, and each interval should hold the grid's own figure in 95 % of draws. (Drawn "
        "without replacement, an error shrinks by √(1 − n/N), and the same intervals would cover more.) Means over the "
        "cells of a draw, then over draws, with 95 % intervals over draws; in brackets the cells.",
    ]
    for judged in sets.judged:
        total, most = len(judged.full.questions), judged.full.asked.shape[2]
        columns, held = [], []
        for questions in (20, total):
            answers = min(2, most)
            columns.append(f"{questions} topics × {answers}")
            held.append(_judged(judged, questions, answers, draws, np.random.default_rng([seed, questions])))
        parts.append(f"**{judged.name}**, {len(judged.asked_most)} models, {draws} draws a column, seed {seed}.")
        parts.append(_table(columns, held))
    for rated in sets.rated:
        sizes = (5, 10, 20, 40)
        held = [_rated(rated, size, draws, np.random.default_rng([seed, size])) for size in sizes]
        parts.append(
            f"**{rated.name}**, graded scores; the items of each inventory with 20 or more are a population, "
            f"{draws} draws a column, seed {seed}."
        )
        parts.append(_table([f"{size} items" for size in sizes], held))
    return "\n\n".join(parts)


def _table(columns: list[str], held: list[Held]) -> str:
    names = list(dict.fromkeys(name for each in held for name in each))
    return table(
        ["95 % interval of", *columns], [[name, *(mean_interval(each[name]) for each in held)] for name in names]
    )


def _judged(judged: JudgedSet, questions: int, answers: int, draws: int, rng: np.random.Generator) -> Held:
    everything = measured(whole(judged.full, judged.asked_most))
    rates, differences = profiles(everything).rates.mean, contrasts(everything).differences.difference
    strengths = bradley_terry(everything.rates, everything.topics, answers=everything.answers).strength
    held: Held = defaultdict(list)
    for _ in range(draws):
        part = measured(subsample(judged.full, judged.asked_most, questions, answers, rng, replacing=True))
        estimate = profiles(part).rates
        _add(held, "rates", rates, estimate.low, estimate.high, RATE_EDGES)
        between = contrasts(part).differences
        _add(held, "differences", differences, between.low, between.high, DIFFERENCE_EDGES)
        fit = bradley_terry(part.rates, part.topics, answers=part.answers)
        _add(held, "Bradley–Terry", strengths, fit.strength_interval[..., 0], fit.strength_interval[..., 1], ())
    return held


def _rated(rated: RatedSet, items: int, draws: int, rng: np.random.Generator) -> Held:
    large = np.flatnonzero(np.bincount(rated.inventories) >= 20)
    populations = [rated.scores[rated.inventories == inventory] for inventory in large]
    means = np.stack([np.nanmean(each, axis=0) for each in populations], axis=-1)
    first, second = np.triu_indices(means.shape[0], 1)
    tags = np.repeat(np.arange(len(large)), items)
    held: Held = defaultdict(list)
    for _ in range(draws):
        scores = np.concatenate([each[rng.integers(len(each), size=items)] for each in populations])
        estimate = score_means(scores, tags, np.arange(len(tags)), len(large))
        _add(held, "scores", means, estimate.low, estimate.high, ())
        between = score_contrasts(scores, tags, np.arange(len(tags)), len(large)).differences
        _add(held, "differences", means[first] - means[second], between.low, between.high, ())
    return held


def _add(held: Held, what: str, truth: Floats, low: Floats, high: Floats, edges: tuple[float, ...]) -> None:
    """Adds the shares of one draw, of all cells and by the size of the truth; cells without an interval count not."""
    known = ~np.isnan(low) & ~np.isnan(high) & ~np.isnan(truth)
    inside = (low <= truth) & (truth <= high)
    held[f"{what}, all ({truth.size})"].append(float(inside[known].mean()) if known.any() else np.nan)
    for lower, upper in pairwise(edges):
        cells = (np.abs(truth) >= lower) & (np.abs(truth) < upper)
        if cells.any():
            name = f"{what} of {lower:.2f} to {min(upper, 1.0):.2f} ({int(cells.sum())})"
            held[name].append(float(inside[cells & known].mean()) if (cells & known).any() else np.nan)
