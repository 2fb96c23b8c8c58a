"""How often the interval of the largest difference that a report names holds the truth, and what other intervals would.

Run: python experiments/headline_intervals.py [--draws 400]

Evaluations of the calibration's worlds (see simulated_evaluation.py), eight models or fewer, through ``contrasts``: the
largest difference that is significant is the headline. Beside the interval that the report gives (widened for its
selection, Benjamini and Yekutieli 2005) stand the plain 95 % interval, simultaneous ones over the significant
differences and over all (Bonferroni), one over all that may be the largest (locally simultaneous, Zrnic and Fithian
2024), and empirical Bayes by value. Coverage with its width in points; seed 0.
"""

# ruff: noqa: I001  (simulated_evaluation sets the number of threads before numpy is imported)
from __future__ import annotations

import argparse
from collections import defaultdict
from functools import partial

from simulated_evaluation import WORLDS, Populace, answers, spread

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from adaem.evaluation.models.contrasts import DIFFERENT, LEVEL, Contrasts, contrasts
from adaem.evaluation.models.measurements import measure

Floats = NDArray[np.float64]

DESIGNS = {
    "8 models, 25 topics × 1–3": (25, 3, range(8)),
    "8 models, 40 × 1–6": (40, 6, range(8)),
    "8 models, 100 × 1–8": (100, 8, range(8)),
    "3 models, 25 × 1–3": (25, 3, range(3)),
    "3 alike, 2 alike and 3 others, 40 × 1–6": (40, 6, (0, 0, 0, 1, 1, 2, 3, 4)),
    "6 alike and 2 alike, 40 × 1–6": (40, 6, (0, 0, 0, 0, 0, 0, 1, 1)),
    "6 alike and 2 alike, 25 × 1–3": (25, 3, (0, 0, 0, 0, 0, 0, 1, 1)),
}
INTERVALS = ("the report's", "95 %", "simultaneous, significant", "simultaneous, all", "locally simultaneous", "Bayes")
EVERY = "all significant, the report's", "all significant, 95 %"
LOCAL_SHARE = 0.005
"""Of the 5 % of locally simultaneous intervals, what finding those that may be the largest takes."""

Held = dict[str, list[tuple[float, float]]]
"""By interval: whether it held the truth, or the share of intervals that did, and its width."""


def headline(found: Contrasts, gap: Floats) -> Held:
    """What each interval does on one evaluation; empty where nothing is significant."""
    said = found.verdict == DIFFERENT
    if not said.any():
        return {}
    differences = found.differences
    size = np.abs(differences.difference)
    at = np.unravel_index(int(np.argmax(np.where(said, size, -1.0))), size.shape)
    tests = int((~np.isnan(found.q_value)).sum())
    error = differences.planning_error
    far = error * stdtrit(differences.degrees, 1 - LOCAL_SHARE / (2 * tests))
    rivals = int((size + far >= np.nanmax(size - far)).sum())
    levels = {
        INTERVALS[1]: 0.95,
        INTERVALS[2]: 1 - LEVEL / said.sum(),
        INTERVALS[3]: 1 - LEVEL / tests,
        INTERVALS[4]: 1 - (LEVEL - LOCAL_SHARE) / rivals,
    }
    ends = {name: tuple(float(end[at]) for end in differences.at_level(level)) for name, level in levels.items()}
    ends[INTERVALS[0]] = float(found.low[at]), float(found.high[at])
    variance = np.square(error)
    spread_of_value = max(float(np.nanmean((np.square(size) - variance)[:, at[1]])), 0.0)
    kept = spread_of_value / (spread_of_value + variance[at])
    centre, half = (
        kept * differences.difference[at],
        stdtrit(differences.degrees[at], 0.975) * np.sqrt(kept) * error[at],
    )
    ends[INTERVALS[5]] = float(centre - half), float(centre + half)
    held: Held = {name: [(float(low <= gap[at] <= high), high - low)] for name, (low, high) in ends.items()}
    for name, (low, high) in zip(EVERY, ((found.low, found.high), (differences.low, differences.high)), strict=True):
        held[name] = [(float(((low <= gap) & (gap <= high))[said].mean()), float((high - low)[said].mean()))]
    return held


def one_world(number: int, draws: int) -> dict[str, Held]:
    """By design, all evaluations of one world."""
    populace = Populace.of(number)
    results: dict[str, Held] = {}
    for place, (design, (count, most, who)) in enumerate(DESIGNS.items()):
        chances, refusals = populace.chances[:, :, list(who)], populace.refusals[:, :, list(who)]
        truth, rng = chances.mean(axis=(0, 1)), np.random.default_rng([0, number, 51 + place])
        results[design] = defaultdict(list)
        for _ in range(draws):
            cluster, topic, which = populace.drawn(count, most, rng)
            found = contrasts(measure(*answers(chances[topic, which], refusals[topic, which], rng), cluster))
            gap = truth[found.pairs[:, 0]] - truth[found.pairs[:, 1]]
            for name, rows in headline(found, gap).items():
                results[design][name] += rows
    return {design: dict(held) for design, held in results.items()}


def main() -> None:
    """Print the table of docs/STATISTICS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=400)
    draws = parser.parse_args().draws
    parts = spread(partial(one_world, draws=max(1, draws // len(WORLDS))), WORLDS)
    names = (*INTERVALS, *EVERY)
    print("| design | with a headline | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 2) + "|")
    for design in DESIGNS:
        rows = [np.array([row for part in parts for row in part[design].get(name, [])]) for name in names]
        cells = [f"{100 * each[:, 0].mean():.1f} % ({100 * each[:, 1].mean():.0f})" for each in rows]
        print(f"| {design} | {len(rows[0])} of {draws} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
