"""Had the questions been regenerated, would the models rank the same? Two searches on disjoint halves of the topics.

    python experiments/retest.py [--worlds 6] [--splits 2] [--simulators 1 2] [--answers 3000 20000] [--arms …]

In each of the calibration's worlds the topics are halved at random; each half is searched with a seed, and drafts of
the author, of its own. Five models answer what each search published, five fresh answers a question, read by one judge.
Shown are Spearman correlations of the two profiles, each value's mean over models removed, as "adaem compare --retest"
has them: means over worlds, each the mean of its splits, with a 95 % t interval over worlds. Beside them stands what
limits them:

    true rates      planted rates on the published questions: without chance in answers, and without the judge
    whole topics    planted rates on two drafts of every topic of each half, unsearched: what the topics alone allow
    width           of the interval, over topics, that a user is given for one pair

Arms: "default"; "one a topic" publishes one question of each topic; "random topics" searches without a policy; "all
topics twice" grows both of all 117 topics. With --topics nothing is searched: planted rates on one draft of each of
at most so many contested topics agree with those of as many others so well. Simulated respondents throughout.
"""

# ruff: noqa: I001  (the number of threads must be set before numpy is imported)
from __future__ import annotations

import os

if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from adaem.calibration.answer_draws import draw_answers
from adaem.calibration.array_simulation import search
from adaem.calibration.question_population import Bank
from adaem.calibration.text_simulation import Confusion
from adaem.calibration.worlds import FRAMEWORK, OPEN, World, framework, search_settings
from adaem.domain.framework import SeedTopic
from adaem.domain.reading.yaml_records import load_framework
from adaem.evaluation.reliability.rank_agreement import profile_agreement
from adaem.evaluation.reliability.retest_agreement import Benchmark, retest_agreement

Floats = NDArray[np.float64]

SAMPLES = 5
"""Fresh answers of each model to each published question."""

UNSEARCHED = 2
"""Drafts of each topic in the column "whole topics"."""

COUNTS = (12, 25, 58, 150, 317)
"""Topics of each benchmark that is not searched; 317 are half of the contested ones."""

DEFAULT, TWICE = "default", "all topics twice"
ARMS: dict[str, dict[str, Any]] = {
    DEFAULT: {},
    "one a topic": {"topic_cap": 1},
    "random topics": {"policy": "random"},
    TWICE: {},
}
"""Changed settings of the search."""

NO_DIFFERENCES = np.zeros((0, 3), dtype=np.int64)


@dataclass(frozen=True)
class Split:
    """One pair of benchmarks: three correlations, the first one's interval, questions and topics of one on average."""

    measured: float
    true: float
    whole: float
    low: float
    high: float
    questions: float
    topics: float


def halves(arm: str, split: int, world: int) -> list[list[SeedTopic]]:
    """The topics of the two benchmarks."""
    topics = framework().topics
    if arm == TWICE:
        return [list(topics), list(topics)]
    order = np.random.default_rng([world, split, 7]).permutation(len(topics))
    middle = len(topics) // 2
    return [[topics[place] for place in sorted(half)] for half in (order[:middle], order[middle:])]


@lru_cache(maxsize=1)
def confusion_in(world: World) -> Confusion:
    """The errors of the world's judge."""
    return Bank(world).confusion


def one_split(task: tuple[int, int, str, int, int]) -> Split:
    """Two searches, of a simulator's version, a number of answers, an arm, a world and a split."""
    simulator, answers, arm, number, split = task
    world = World(number, simulator=simulator)
    confusion = confusion_in(world)
    rng = np.random.default_rng([number, split, answers, 8])
    benchmarks, true, whole, topics = [], [], [], []
    for half, own in enumerate(halves(arm, split, number)):
        bank = Bank(world, own, edition=2 * split + half)
        bank.confusion = confusion  # one judge, whose errors are measured once
        found = search(bank, search_settings(answers, seed=2 * split + half, **ARMS[arm]))
        rates = np.stack([bank.rates(place) for place in found.places])
        drawn = draw_answers(rates, confusion, SAMPLES, bank.correlation_root, rng)
        benchmarks.append(Benchmark(drawn.mean(axis=2), found.topic))
        true.append(rates.mean(axis=0))
        drafts = product(range(bank.topics), range(UNSEARCHED))
        whole.append(np.mean([bank.ungated(*each) for each in drafts], axis=0))
        topics.append(len(np.unique(found.topic)))
    agreement = retest_agreement(benchmarks[0], benchmarks[1], NO_DIFFERENCES, rng)
    low, high = agreement.profiles_interval.tolist()
    return Split(
        agreement.profiles,
        float(profile_agreement(*true)),
        float(profile_agreement(*whole)),
        low,
        high,
        float(np.mean([len(each.rates) for each in benchmarks])),
        float(np.mean(topics)),
    )


def unsearched(task: tuple[int, int], counts: Sequence[int]) -> list[float]:
    """Agreement of planted rates on one draft of so many topics with those on as many others, one a count."""
    simulator, number = task
    bank = Bank(World(number, simulator=simulator), load_framework(FRAMEWORK, "contested").topics)
    order = np.random.default_rng([number, 9]).permutation(bank.topics)[: 2 * max(counts)]
    rates = np.stack([bank.ungated(int(topic), 0) for topic in order])
    return [
        float(profile_agreement(rates[:count].mean(axis=0), rates[count : 2 * count].mean(axis=0))) for count in counts
    ]


def by_topics(tasks: Sequence[tuple[int, int]], counts: Sequence[int], processes: ProcessPoolExecutor) -> None:
    """Prints the agreement that so many topics allow."""
    found = np.array(list(processes.map(unsearched, tasks, [counts] * len(tasks))))
    print("| simulator | topics of each | planted rates |\n|---|---|---|")
    for simulator in dict.fromkeys(version for version, _ in tasks):
        rows = [place for place, (version, _) in enumerate(tasks) if version == simulator]
        for column, count in enumerate(counts):
            print(f"| {simulator} | {count} | {interval(found[rows, column])} |")


def interval(means: Floats) -> str:
    """The mean over worlds with its 95 % t interval."""
    count = len(means)
    half = float(stdtrit(count - 1, 0.975)) * float(means.std(ddof=1)) / count**0.5
    return f"{means.mean():.3f} [{means.mean() - half:.3f}, {means.mean() + half:.3f}]"


def row(splits: Sequence[Sequence[Split]]) -> str:
    """The cells of one line of the table; ``splits`` by world."""
    figures = np.array([[astuple(each) for each in world] for world in splits])
    means = figures.mean(axis=1)
    columns = [f"{means[:, 5].mean():.0f} ({means[:, 6].mean():.0f})", *(interval(means[:, each]) for each in range(3))]
    return " | ".join([*columns, f"{(means[:, 4] - means[:, 3]).mean():.2f}"])


def main() -> None:
    """Prints the table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=6, choices=range(2, len(OPEN) + 1), metavar="N")
    parser.add_argument("--splits", type=int, default=2)
    parser.add_argument("--simulators", type=int, nargs="+", default=[2, 1], choices=(1, 2))
    parser.add_argument("--answers", type=int, nargs="+", default=[3_000, 20_000])
    parser.add_argument("--arms", nargs="+", default=[DEFAULT], choices=list(ARMS))
    parser.add_argument("--topics", type=int, default=0, choices=range(COUNTS[0], COUNTS[-1] + 1), metavar="N")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    worlds = OPEN[-given.worlds :]
    if counts := [count for count in COUNTS if count <= given.topics]:
        print(f"{len(worlds)} worlds, {worlds[0]} to {worlds[-1]}, nothing searched\n")
        with ProcessPoolExecutor(given.processes) as processes:
            by_topics(list(product(given.simulators, worlds)), counts, processes)
        return
    print(f"{len(worlds)} worlds, {worlds[0]} to {worlds[-1]}, {given.splits} splits each\n")
    print("| simulator | answers | arm | published (topics) | agreement | true rates | whole topics | width |")
    print("|---" * 8 + "|")
    with ProcessPoolExecutor(given.processes) as processes:
        for simulator, answers, arm in product(given.simulators, given.answers, given.arms):
            tasks = [(simulator, answers, arm, world, split) for world in worlds for split in range(given.splits)]
            found = list(processes.map(one_split, tasks))
            by_world = [found[at : at + given.splits] for at in range(0, len(found), given.splits)]
            print(f"| {simulator} | {answers:,} | {arm} | {row(by_world)} |", flush=True)


if __name__ == "__main__":
    main()
