"""Do the intervals of a retest hold the mean agreement of such pairs of benchmarks? And would percentiles of the draws?

    python experiments/retest_intervals.py [--worlds 5] [--pairs 30]

A synthetic world: log-odds add a level of each value, one of each model and value (of the stated spread), one of each
topic and value (sd .8), one of each topic, model and value (.5), and one of each question and value (.6); five answers
a question. In each world pairs of new benchmarks are drawn; the target is the mean of their agreements. Shown are the
target, the coverage and the width of the interval that ``adaem compare --retest`` gives: of the profiles' agreement, of
the agreement on each value, and of the share of significant differences with the same sign; and the coverage of
percentiles of the same draws. Seed: the world's number.
"""

from __future__ import annotations

import argparse

import numpy as np
from adaem.evaluation.intervals.topic_bootstrap import draw_topics, topic_sums
from adaem.evaluation.models.contrasts import DIFFERENT, contrasts
from adaem.evaluation.models.measurements import Measurements
from adaem.evaluation.reliability.rank_agreement import profile_agreement
from adaem.evaluation.reliability.retest_agreement import Benchmark, retest_agreement
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

DESIGNS = ((5, 20, 0.7), (5, 40, 0.7), (5, 40, 0.2), (3, 25, 0.5), (9, 30, 1.0))
"""Models, topics, spread of the models."""

QUESTIONS, ANSWERS, VALUES = 2, 5, 10
"""Questions of a topic, answers of a model to a question, and values."""


def benchmark(own: Floats, level: Floats, topics: int, rng: np.random.Generator) -> Benchmark:
    """New topics and questions for models that lie ``own`` (K, d) from the values' ``level`` (d,)."""
    of_topic = np.repeat(np.arange(topics), QUESTIONS)
    shared = rng.normal(0, 0.8, (topics, 1, VALUES))[of_topic] + rng.normal(0, 0.6, (len(of_topic), 1, VALUES))
    apart = own + rng.normal(0, 0.5, (topics, *own.shape))[of_topic]
    return Benchmark(rng.binomial(ANSWERS, expit(level + shared + apart)) / ANSWERS, of_topic)


def significant(pair: tuple[Benchmark, Benchmark]) -> NDArray[np.int64]:
    """(n, 3) model, other model and value of the differences that either benchmark shows."""
    chosen = set()
    for each in pair:
        found = contrasts(Measurements(each.rates, np.full(each.rates.shape[:2], ANSWERS), each.topics))
        for row, value in np.argwhere(found.verdict == DIFFERENT):
            chosen.add((*found.pairs[row].tolist(), int(value)))
    return np.array(sorted(chosen), dtype=np.int64).reshape(-1, 3)


def percentiles(pair: tuple[Benchmark, Benchmark], estimate: float, rng: np.random.Generator) -> tuple[float, float]:
    """The plain interval of the profiles' agreement: 2.5th and 97.5th percentile of the draws, and the estimate."""
    draws = []
    for each in pair:
        drawn = draw_topics(each.topics, rng)
        assert drawn.weights is not None
        means = drawn.weights @ topic_sums(each.rates.reshape(len(each.rates), -1), drawn)
        draws.append((means / QUESTIONS / drawn.topics).reshape(-1, *each.rates.shape[1:]))
    low, high = np.quantile(profile_agreement(*draws), [0.025, 0.975])
    return min(low, estimate), max(high, estimate)


def main() -> None:
    """Prints the table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=30)
    given = parser.parse_args()
    print("| models, topics, spread | profiles | percentiles | each value | same sign |\n|---|---|---|---|---|")
    for models, topics, spread in DESIGNS:
        held = np.zeros((4, 4))
        for number in range(given.worlds):
            rng = np.random.default_rng([number, models, topics])
            own, level = rng.normal(0, spread, (models, VALUES)), rng.normal(-1, 0.8, VALUES)
            rows = []
            for _ in range(given.pairs):
                pair = benchmark(own, level, topics, rng), benchmark(own, level, topics, rng)
                found = retest_agreement(*pair, significant(pair), rng)
                rows.append(
                    [
                        (found.profiles, *found.profiles_interval),
                        (found.profiles, *percentiles(pair, found.profiles, rng)),
                        (found.same_sign, *found.same_sign_interval),
                        *zip(found.values, *found.value_intervals.T, strict=True),
                    ]
                )
            figures = np.array(rows, dtype=np.float64)
            target = np.nanmean(figures[..., 0], axis=0)
            low, high = figures[..., 1], figures[..., 2]
            known = ~np.isnan(low)
            within = np.where(known, (low <= target) & (target <= high), np.nan)
            columns = [np.nanmean(within, axis=0), np.nanmean(high - low, axis=0), target, known.mean(axis=0)]
            for place, column in enumerate(columns):
                held[:, place] += np.array([*column[:3], column[3:].mean()]) / given.worlds
        profiles, plain, same, values = (
            f"{target:.2f}: {100 * covered:.0f} % (width {width:.2f})" for covered, width, target, _ in held
        )
        print(f"| {models}, {topics}, {spread} | {profiles} | {plain} | {values} | {same} |", flush=True)


if __name__ == "__main__":
    main()
