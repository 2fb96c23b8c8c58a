"""Compares the search policies in a small abstract world without text (METHOD.md section 3).

A topic has a latent potential, half of its variance shared by its theme; a question's potential adds its own part. The
potential is how far K = 5 models lie apart on d = 10 values, with a heavy tail over questions. Answers are Bernoulli
draws read by an imperfect judge; an answer costs 1 (its judgement included), a proposal or rewrite 0.5. All policies
share the recommended pipeline: three samples (two on small budgets), plug-in divergence minus its exact floor, the best
1.5 M confirmed on up to five fresh samples within a quarter of the budget, ranked on all samples pooled.

The spread of divergences and the effect of rewrites were set to resemble an earlier study, topics are never exhausted,
and the default policy was tuned on draws 0 to 31 of this world: judge it on others (--first-draw). A guide, not truth.

    python experiments/policies.py --draws 12
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from adaem.agents.policies import POLICIES, Policy, SearchView, make_policy
from numpy.typing import NDArray
from scipy.special import expit, gammaln, xlogy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MODELS, VALUES = 5, 10
SENSITIVITY, SPECIFICITY = 0.9, 0.95
TARGET = 50
MOVES = 12
TOPIC_DRAWS = 1_000
PROPOSAL_COST = 0.5


@dataclass(frozen=True)
class World:
    """What is varied. Potentials are logarithms of the models' spread on the logit scale.

    between   share of the variance of potentials that lies between topics
    theme     share of the topics' variance that their theme explains
    level, spread  mean and standard deviation of the potentials
    rewrite, rewrite_sd  mean and standard deviation of what a rewrite adds to the potential
    neighbour share of a topic's five neighbours that come from its own theme, the others being any topic
    """

    between: float = 0.42
    theme: float = 0.5
    level: float = -0.75
    spread: float = 0.72
    rewrite: float = -0.35
    rewrite_sd: float = 0.33
    neighbour: float = 0.8


WORLDS = {
    "default": World(),
    "neighbours useless": World(neighbour=0.0),
    "topics hardly differ": World(between=0.05),
    "topics dominate": World(between=0.85),
    "rewrites help": World(rewrite=0.1),
    "rewrites hurt": World(rewrite=-0.7),
}


def entropy(rate: Floats) -> Floats:
    """Binary entropy in bits."""
    return np.asarray(-(xlogy(rate, rate) + xlogy(1.0 - rate, 1.0 - rate)) / np.log(2.0))


def divergence(rates: Floats) -> Floats:
    """(Q,) divergence in bits of expression rates (Q, K, d)."""
    return np.asarray((entropy(rates.mean(axis=1)) - entropy(rates).mean(axis=1)).mean(axis=-1))


@cache
def _within_entropy(samples: int) -> Floats:
    """(K L + 1,) expected entropy of a model's rate when s of K L answers express the value and all are permuted."""
    total = MODELS * samples
    s, h = np.arange(total + 1)[:, None], np.arange(samples + 1)[None, :]

    def log_choose(n: Ints | int, k: Ints | int) -> Floats:
        n, k = np.asarray(n), np.asarray(k)
        possible = (k >= 0) & (k <= n)
        return np.where(possible, gammaln(n + 1) - gammaln(k * possible + 1) - gammaln((n - k) * possible + 1), -np.inf)

    weight = np.exp(log_choose(s, h) + log_choose(total - s, samples - h) - log_choose(total, samples))
    return np.asarray((weight * entropy(h / samples)).sum(axis=1))


def observe(rates: Floats, samples: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Judged answers to questions with true rates (Q, K, d): ``(counts (Q, K, d), score (Q,), variance (Q,))``.

    The variance is the infinitesimal jackknife over whole answers.
    """
    seen = 1.0 - SPECIFICITY + (SENSITIVITY + SPECIFICITY - 1.0) * rates
    answers = rng.random((*rates.shape[:2], samples, VALUES)) < seen[:, :, None, :]
    counts = answers.sum(axis=2).astype(np.float64)
    rate = counts / samples
    mixture = np.clip(rate.mean(axis=1, keepdims=True), 1e-9, 1 - 1e-9)
    own = np.clip(rate, 1e-9, 1 - 1e-9)
    slope = (np.log2((1 - mixture) / mixture) - np.log2((1 - own) / own)) / (MODELS * VALUES)
    influence = (slope[:, :, None, :] * (answers - rate[:, :, None, :])).sum(axis=-1)
    variance = np.square(influence).sum(axis=(1, 2)) / (samples * (samples - 1))
    return counts, score(counts, samples), np.maximum(variance, 1e-6)


def score(counts: Floats, samples: int) -> Floats:
    """(Q,) plug-in divergence minus its exact floor, in bits."""
    rates = counts / samples
    pooled = counts.sum(axis=1)
    floor = entropy(pooled / (MODELS * samples)) - _within_entropy(samples)[pooled.astype(np.int64)]
    return np.asarray(divergence(rates) - floor.mean(axis=-1))


@dataclass
class Universe:
    """One draw of a world: topics with potentials and neighbours, and questions grown from them."""

    world: World
    topics: int
    rng: np.random.Generator
    potential: Floats = field(init=False)
    neighbours: Ints = field(init=False)
    similarity: Floats = field(init=False)

    def __post_init__(self) -> None:
        w, rng, n = self.world, self.rng, self.topics
        themes = max(n // 10, 1) if n <= 300 else 30 + n // 50
        theme = rng.integers(themes, size=n)
        between = w.theme**0.5 * rng.standard_normal(themes)[theme] + (1 - w.theme) ** 0.5 * rng.standard_normal(n)
        self.potential = w.level + w.spread * w.between**0.5 * between
        same = rng.random((n, 5)) < w.neighbour
        near = np.stack([rng.choice(np.flatnonzero(theme == theme[t]), 5) for t in range(n)])
        self.neighbours = np.where(same, near, rng.integers(n, size=(n, 5)))
        self.neighbours[self.neighbours == np.arange(n)[:, None]] = -1
        self.similarity = np.where(same, 0.6, 0.45) + 0.1 * rng.random((n, 5))

    def grow(self, topic: Ints, parent_potential: Floats) -> tuple[Floats, Floats]:
        """``(potential (Q,), true rates (Q, K, d))``; a nan parent means a proposal, else a rewrite of it."""
        w, rng, n = self.world, self.rng, len(topic)
        own = self.potential[topic] + w.spread * (1 - w.between) ** 0.5 * rng.standard_normal(n)
        rewritten = parent_potential + w.rewrite + w.rewrite_sd * rng.standard_normal(n)
        potential = np.where(np.isnan(parent_potential), own, rewritten)
        base = -1.0 + 1.2 * rng.standard_normal((n, 1, VALUES))
        lean = rng.standard_normal((n, MODELS, VALUES))
        return potential, expit(base + np.exp(potential)[:, None, None] * lean)


@dataclass(frozen=True)
class Outcome:
    """Of the published questions: mean true divergence, how many, distinct topics; share of rewrites among moves."""

    mean: float
    published: int
    topics: int
    rewrites: float
    seconds_per_round: float


def best_under_cap(value: Floats, topic: Ints, count: int, cap: int) -> Ints:
    """Indices of the ``count`` best by ``value`` with at most ``cap`` of a topic, best first."""
    taken: list[int] = []
    used: dict[int, int] = {}
    for index in np.argsort(-value, kind="stable"):
        if used.get(int(topic[index]), 0) < cap:
            used[int(topic[index])] = used.get(int(topic[index]), 0) + 1
            taken.append(int(index))
        if len(taken) == count:
            break
    return np.array(taken, dtype=np.int64)


def search(universe: Universe, policy: Policy, budget: float, cap: int, refine_share: float, seed: int) -> Outcome:
    """One run of the recommended pipeline."""
    rng = np.random.default_rng(seed)
    samples = 2 if budget < 100 * TARGET else 3
    confirm_samples = int(np.clip(0.25 * budget // (1.5 * TARGET * MODELS), 2, 5))
    to_confirm = int(min(1.5 * TARGET, 0.25 * budget // (MODELS * confirm_samples)))
    left = budget - to_confirm * MODELS * confirm_samples
    cost = MODELS * samples + PROPOSAL_COST
    draws = np.zeros(universe.topics, dtype=np.int64)
    topic, parent = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    scores, variances, potentials = np.empty(0), np.empty(0), np.empty(0)
    rates, counts = np.empty((0, MODELS, VALUES)), np.empty((0, MODELS, VALUES))
    seconds, rounds = 0.0, 0
    while left >= cost:
        view = SearchView(
            alive=draws < TOPIC_DRAWS,
            open=draws < TOPIC_DRAWS,
            draws=draws.copy(),
            topic=topic,
            parent=parent,
            score=scores,
            variance=variances,
            neighbours=universe.neighbours,
            similarity=universe.similarity,
            target=TARGET,
            topic_cap=cap,
            refine_share=refine_share,
            answers_left=left,
            answers_per_move=cost,
        )
        start = time.perf_counter()
        moves = policy(view, min(MOVES, int(left // cost)), rng)
        seconds, rounds = seconds + time.perf_counter() - start, rounds + 1
        if not moves:
            break
        left -= cost * len(moves)
        new_topic = np.array([move.topic for move in moves])
        new_parent = np.array([-1 if move.parent is None else move.parent for move in moves])
        of_parent = np.array([np.nan if p < 0 else potentials[p] for p in new_parent])
        new_potential, new_rates = universe.grow(new_topic, of_parent)
        new_counts, new_scores, new_variances = observe(new_rates, samples, universe.rng)
        np.add.at(draws, new_topic, 1)
        topic, parent = np.concatenate([topic, new_topic]), np.concatenate([parent, new_parent])
        scores, variances = np.concatenate([scores, new_scores]), np.concatenate([variances, new_variances])
        potentials = np.concatenate([potentials, new_potential])
        rates, counts = np.concatenate([rates, new_rates]), np.concatenate([counts, new_counts])
    finalists = best_under_cap(scores, topic, to_confirm, cap)
    fresh, _, _ = observe(rates[finalists], confirm_samples, universe.rng)
    pooled = score(counts[finalists] + fresh, samples + confirm_samples)
    published = finalists[best_under_cap(pooled, topic[finalists], TARGET, cap)]
    return Outcome(
        mean=float(divergence(rates[published]).mean()),
        published=len(published),
        topics=len(np.unique(topic[published])),
        rewrites=float((parent >= 0).mean()),
        seconds_per_round=seconds / max(rounds, 1),
    )


def ceiling(universe: Universe, cap: int) -> float:
    """Mean true divergence of the best M of 20,000 proposals, the topics in equal shares."""
    topic = np.arange(20_000) % universe.topics
    rates = universe.grow(topic, np.full(len(topic), np.nan))[1]
    value = divergence(rates)
    return float(value[best_under_cap(value, topic, TARGET, cap)].mean())


def interval(values: list[float]) -> str:
    """Mean and half-width of its 95 % interval over draws (normal approximation)."""
    half = 1.96 * np.std(values, ddof=1) / len(values) ** 0.5 if len(values) > 1 else np.nan
    return f"{np.mean(values):.3f} ±{half:.3f}"


def compare(
    world: World, names: list[str], topics: int, budget: float, *, draws: range, cap: int, refine_share: float
) -> None:
    """Prints one block of the table: every policy in the same draws of ``world``."""
    # The seed of the topics is the same for every policy: the comparison is paired.
    ceilings = [ceiling(Universe(world, topics, np.random.default_rng([draw, 1])), cap) for draw in draws]
    for name in names:
        outcomes = [
            search(
                Universe(world, topics, np.random.default_rng([draw, 1])),
                make_policy(name),
                budget,
                cap,
                refine_share,
                draw,
            )
            for draw in draws
        ]
        milliseconds = 1000 * float(np.mean([o.seconds_per_round for o in outcomes]))
        share = float(np.mean([o.mean for o in outcomes]) / np.mean(ceilings))
        print(
            f"{name:24} {topics:5} {budget:8.0f}  {interval([o.mean for o in outcomes]):13}  {share:4.2f}  "
            f"{np.mean([o.topics for o in outcomes]):5.1f}  {np.mean([o.published for o in outcomes]):5.1f}  "
            f"{np.mean([o.rewrites for o in outcomes]):5.3f}  {milliseconds:5.1f}",
            flush=True,
        )


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=12)
    parser.add_argument("--first-draw", type=int, default=1_000)
    parser.add_argument("--topics", type=int, nargs="+", default=[100, 1500])
    parser.add_argument("--budgets", type=float, nargs="+", default=[3_000, 20_000])
    parser.add_argument("--policies", nargs="+", default=list(POLICIES))
    parser.add_argument("--worlds", nargs="+", default=["default"], choices=list(WORLDS))
    parser.add_argument("--cap", type=int, default=3, help="questions of one topic that count")
    parser.add_argument("--refine-share", type=float, default=0.1)
    arguments = parser.parse_args()
    for world in arguments.worlds:
        print(f"\n{world}: mean true divergence (bits) of the published, 95 % interval over {arguments.draws} draws")
        print(f"{'policy':24} {'N1':>5} {'answers':>8}  {'true D':13}  share  topics  M  rewrites  ms/round")
        for topics in arguments.topics:
            for budget in arguments.budgets:
                compare(
                    WORLDS[world],
                    arguments.policies,
                    topics,
                    budget,
                    draws=range(arguments.first_draw, arguments.first_draw + arguments.draws),
                    cap=arguments.cap,
                    refine_share=arguments.refine_share,
                )


if __name__ == "__main__":
    main()
