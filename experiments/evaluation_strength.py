"""Strengths, distances, reliability and structure of a whole benchmark: time, memory, coverage, and the short form.

Run: python experiments/evaluation_strength.py [--questions 12310] [--worlds 100] [--only speed|coverage|short]

A synthetic world: log-odds add a level of each value, one of each model and value, one of the topic (shared by all
models, and on each model), and one of the question; answers are Bernoulli draws.
"""

# ruff: noqa: I001  (the number of threads must be set before numpy is imported)
from __future__ import annotations

import os

if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from adaem.evaluation.models.bradley_terry import bradley_terry
from adaem.evaluation.reliability.consistency import cronbach_alpha
from adaem.evaluation.models.distances import pair_distances
from adaem.evaluation.models.model_embedding import average_linkage, classical_map
from adaem.evaluation.questions.short_form import choose_short_form
from adaem.evaluation.reliability.circular_structure import circle_structure
from adaem.evaluation.questions.text_quality import compare_texts
from adaem.evaluation.models.trueskill import skill_ratings
from adaem.evaluation.reliability.variance_components import variance_shares

Floats = NDArray[np.float64]


def world(rng: np.random.Generator, topics: NDArray[np.int64], models: int, values: int, spread: float) -> Floats:
    """Chances (Q, K, d) that a model's answer expresses a value."""
    count = int(topics.max()) + 1
    shared = rng.normal(-1.5, 1.0, size=(1, 1, values)) + rng.normal(0, 0.7, size=(count, 1, values))[topics]
    own = rng.normal(0, spread, size=(models, values)) + rng.normal(0, 0.3, size=(count, models, values))[topics]
    load = np.exp(rng.normal(0, 0.5, size=(len(topics), 1, values)))
    return np.asarray(expit(shared + load * own + rng.normal(0, 0.7, size=(len(topics), 1, values))))


def speed(questions: int, rng: np.random.Generator) -> None:
    """Time of each statistic at 16 models, 3 samples, 10 values, eight questions a topic."""
    models, samples, values = 16, 3, 10
    topics = rng.integers(0, max(5, questions // 8), size=questions)
    topics = np.unique(topics, return_inverse=True)[1]
    chances = world(rng, topics, models, values, 0.5)
    expressions = rng.random((questions, models, samples, values), dtype=np.float32) < chances[:, :, None]
    answered = np.ones(expressions.shape[:3], dtype=bool)
    rates = expressions.mean(axis=2)
    question, model = (np.repeat(each.ravel(), samples) for each in np.indices((questions, models)))
    vocabulary = np.array([f"word{number}" for number in range(3000)])
    texts = [" ".join(row) for row in rng.choice(vocabulary, size=(questions, 25))]
    vectors = rng.normal(size=(questions, 256))
    square = np.abs(np.subtract.outer(np.arange(models), np.arange(models))).astype(float)
    steps: dict[str, Callable[[], object]] = {
        "Bradley–Terry": lambda: bradley_terry(rates, topics),
        "Bradley–Terry, each question a topic": lambda: bradley_terry(rates, np.arange(questions)),
        "skill ratings, 500 questions, 5 orders": lambda: skill_ratings(rates, rng),
        "distances, 999 permutations, 1,000 draws": lambda: pair_distances(expressions, answered, topics, rng),
        "map and tree": lambda: (classical_map(square), average_linkage(square)),
        "Cronbach's alpha, 50 dealings": lambda: cronbach_alpha(rates, topics, rng),
        "variance shares with standard errors": lambda: variance_shares(
            expressions.reshape(-1, values), model, question, topics[question]
        ),
        "structure, 1,000 draws, 4,999 arrangements": lambda: circle_structure(rates, topics, range(values), rng),
        "short form of 50": lambda: choose_short_form(rates, answered.sum(axis=2), topics, 50),
        "text quality beside 1,000 others": lambda: compare_texts(
            texts, texts[:1000], rng, vectors=vectors, other_vectors=vectors[:1000]
        ),
    }
    print(f"{questions} questions x {models} models x {samples} samples x {values} values, {topics.max() + 1} topics")
    whole = time.perf_counter()
    for name, step in steps.items():
        start = time.perf_counter()
        step()
        print(f"  {name}: {time.perf_counter() - start:.2f} s")
    print(f"  all: {time.perf_counter() - whole:.1f} s")
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def coverage(worlds: int, rng: np.random.Generator) -> None:
    """How often the 95 % intervals hold what very many topics of the same models would give."""
    models, values, each = 4, 5, 3
    for count in (20, 60):
        strengths, win_rates, distances = [], [], []
        for _ in range(worlds):
            many = np.repeat(np.arange(count + 3000), each)
            chances = world(rng, many, models, values, 0.6)
            few = many < count
            truth = bradley_terry(chances[~few], many[~few], ridge=1e-6)
            expressions = rng.random((few.sum(), models, 3, values)) < chances[few][:, :, None]
            found = bradley_terry(expressions.mean(axis=2), many[few], answers=3)
            strengths.append(_inside(found.strength_interval, truth.strength))
            win_rates.append(_inside(found.win_rate_interval, truth.win_rate))
            apart = pair_distances(expressions, np.ones(expressions.shape[:3], bool), many[few], rng, permutations=19)
            target = _distance(chances[~few])
            distances.append(_inside(apart.interval, target)[np.triu_indices(models, 1)])
        print(
            f"{count} topics of {each} questions, {worlds} worlds: 95 % intervals hold the strength in "
            f"{np.mean(strengths):.1%}, the win rate in {np.mean(win_rates):.1%}, "
            f"the distance in {np.mean(distances):.1%}"
        )


def _inside(intervals: Floats, truth: Floats) -> NDArray[np.bool_]:
    return np.asarray((intervals[..., 0] <= truth) & (truth <= intervals[..., 1]))


def _distance(chances: Floats) -> Floats:
    def entropy(rate: Floats) -> Floats:
        return np.asarray(-(rate * np.log2(rate) + (1 - rate) * np.log2(1 - rate)))

    first, second = chances[:, :, None], chances[:, None]
    gap = entropy((first + second) / 2) - (entropy(first) + entropy(second)) / 2
    return np.asarray(np.sqrt(np.maximum(gap.mean(axis=(0, 3)), 0)))


def short(worlds: int, rng: np.random.Generator) -> None:
    """Spearman's correlation of short and long double-centred profiles on fresh answers, 50 of 500 questions."""
    topics = np.repeat(np.arange(100), 5)
    for name, asked in (("the models of the search", slice(0, 5)), ("five other models", slice(5, 10))):
        chosen, drawn = [], []
        for _ in range(worlds):
            chances = world(rng, topics, 10, 10, 0.5)
            search = rng.binomial(3, chances[:, :5]) / 3
            rows = choose_short_form(search, np.full(search.shape[:2], 3), topics, 50).chosen
            long, fresh = (_profile(rng.binomial(5, chances[:, asked]) / 5) for _ in range(2))
            chosen.append(_spearman(fresh[rows], long))
            drawn.append(np.mean([_spearman(fresh[rng.choice(500, 50, replace=False)], long) for _ in range(20)]))
        better = np.mean(np.array(chosen) > np.array(drawn))
        print(
            f"short form of 50, {name}, {worlds} worlds: {np.mean(chosen):.3f} beside {np.mean(drawn):.3f} of random "
            f"questions, better in {better:.0%}"
        )


def _profile(rates: Floats) -> Floats:
    return np.asarray(
        rates
        - rates.mean(axis=1, keepdims=True)
        - rates.mean(axis=2, keepdims=True)
        + rates.mean(axis=(1, 2), keepdims=True)
    )


def _spearman(short_form: Floats, long: Floats) -> float:
    ranks = [each.mean(axis=0).ravel().argsort().argsort() for each in (short_form, long)]
    return float(np.corrcoef(ranks)[0, 1])


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=12_310)
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--only", choices=("speed", "coverage", "short"))
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    if options.only in (None, "speed"):
        speed(options.questions, rng)
    if options.only in (None, "coverage"):
        coverage(options.worlds, rng)
    if options.only in (None, "short"):
        short(options.worlds, rng)


if __name__ == "__main__":
    main()
