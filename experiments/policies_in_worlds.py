"""What the default policy, its neighbours and the paper's own system buy in the calibration's worlds.

Each draw is a world of its own: other respondents, other judge's errors, other questions. A hundred topics are drawn
from the framework's own; 1,500 are these with a place before them, so that a topic has neighbours which really are like
it. All policies search the same worlds with the same seeds, and share the pipeline: the comparison is paired. Shown
are mean true divergences of the published questions, in bits, and the default's ratio to each other policy as a
geometric mean with a 95 % t interval over worlds. Simulated respondents throughout.

    python experiments/policies_in_worlds.py [--worlds 20] [--topics 100 1500] [--answers 3000 20000] [--arms ucb]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
from adaem.calibration.array_simulation import search
from adaem.calibration.question_population import Bank
from adaem.calibration.search_gain import PAPERS_SEARCH
from adaem.calibration.worlds import OPEN, World, framework, search_settings
from adaem.domain.framework import SeedTopic
from adaem.pool.simulated.places import PLACES
from scipy.stats import t as student

DEFAULT = "expected-improvement"
PAPER_ALONE: dict[str, Any] = {
    **PAPERS_SEARCH,
    "moves_per_round": 1,
    "topic_cap": 1_000_000,
    "topic_draws": 1_000_000,
    "saturated_below": 0.0,
    "early_confirmations": 0,
    "neighbours": 0,
}
"""As the shipped settings ``paper`` have it: one arm at a time, and all published questions may be of one topic."""

ARMS: dict[str, tuple[dict[str, Any], str]] = {
    DEFAULT: ({}, "divergence"),
    "without neighbours": ({"neighbours": 0}, "divergence"),
    "ucb": ({"policy": "ucb"}, "divergence"),
    "ucb1": ({"policy": "ucb1"}, "divergence"),
    "random": ({"policy": "random"}, "divergence"),
    "the paper's system": (PAPERS_SEARCH, "paper"),
    "the paper's system, one arm at a time, no cap": (PAPER_ALONE, "paper"),
}


def topics_of(count: int, world: int) -> list[SeedTopic]:
    """``count`` topics for a world: of the framework's own, or these in places as well where they are too few."""
    own = framework().topics
    rng = np.random.default_rng([world, count])
    if count <= len(own):
        return [own[number] for number in sorted(rng.choice(len(own), count, replace=False))]
    placed = [
        topic.model_copy(
            update={"id": f"{topic.id}-{number}", "text": f"In {place}, {topic.text[0].lower()}{topic.text[1:]}"}
        )
        for topic in own
        for number, place in enumerate(PLACES)
    ]
    chosen = sorted(rng.choice(len(placed), count - len(own), replace=False))
    return [*own, *(placed[number] for number in chosen)]


def found(world: int, count: int, answers: int, arms: Sequence[str]) -> list[tuple[float, int]]:
    """Of what each of ``arms`` publishes in one world: mean true divergence in bits, and how many topics it is of."""
    bank = Bank(World(world), topics_of(count, world))
    results = []
    for arm in arms:
        changes, critic = ARMS[arm]
        result = search(bank, search_settings(answers, seed=world, **changes), critic=critic)
        results.append((float(result.true.mean()), len(np.unique(result.topic))))
    return results


def verdict(ratios: Sequence[float]) -> str:
    """The geometric mean of paired ratios with its 95 % interval, and what it says."""
    logs = np.log(ratios)
    half = student.ppf(0.975, len(logs) - 1) * logs.std(ddof=1) / len(logs) ** 0.5
    low, high = np.exp(logs.mean() - half), np.exp(logs.mean() + half)
    says = "wins" if low > 1 else "loses" if high < 1 else "ties"
    return f"{np.exp(logs.mean()):.3f} [{low:.3f}, {high:.3f}] {says}"


def main() -> None:
    """Prints the table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=20, choices=range(2, len(OPEN) + 1), metavar="N")
    parser.add_argument("--topics", type=int, nargs="+", default=[100, 1_500])
    parser.add_argument("--answers", type=int, nargs="+", default=[3_000, 20_000])
    parser.add_argument("--processes", type=int, help="worlds side by side, by default one a processor")
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS), help="the default comes first")
    given = parser.parse_args()
    worlds = OPEN[: given.worlds]
    arms = [DEFAULT, *(arm for arm in given.arms if arm != DEFAULT)]
    print("| topics | answers | policy | mean true D | topics of the published | the default over it |")
    print("|---|---|---|---|---|---|")
    with ProcessPoolExecutor(given.processes) as processes:
        for count in given.topics:
            for answers in given.answers:
                same = [[each] * len(worlds) for each in (count, answers, arms)]
                rows = np.array(list(processes.map(found, worlds, *same)))
                for column, name in enumerate(arms):
                    true, topics = rows[:, column, 0], rows[:, column, 1]
                    over = "" if name == DEFAULT else verdict(rows[:, 0, 0] / true)
                    mean = f"{true.mean():.4f} | {topics.mean():.0f}"
                    print(f"| {count:,} | {answers:,} | {name} | {mean} | {over} |", flush=True)


if __name__ == "__main__":
    main()
