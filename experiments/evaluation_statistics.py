"""Do the evaluation's intervals cover, and do its contrasts stay silent where nothing differs? And how fast are they?

Run: python experiments/evaluation_statistics.py [--draws 400] [--only profiles|contrasts|alarms|power|speed]

A synthetic world: answers are Bernoulli draws whose log-odds add a level for each model and value, an effect of the
topic that all models share, one of the topic on each model, and one of the question. Topics have unequally many
questions (geometric, mean 6, at most 40); the target is the rate over all topics that might have been drawn.
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
from functools import partial
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit

from adaem.evaluation.models.contrasts import ALIKE, DIFFERENT, contrasts
from adaem.evaluation.models.measurements import Measurements, measure
from adaem.evaluation.reliability.priming import priming_effects
from adaem.evaluation.models.profiles import profiles
from adaem.evaluation.models.refusal_rates import refusal_measurements, worst_cases

Floats = NDArray[np.float64]
RATES = np.array([0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 0.95])
QUESTION = 1.0
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(40)


@dataclass(frozen=True)
class World:
    """Effects in log-odds: of a topic on all models, of a topic on each model."""

    shared: float
    own: float
    samples: int = 3

    def levels(self, rates: Floats) -> Floats:
        """The log-odds at which the rates over all topics and questions are ``rates``."""
        spread = np.sqrt(self.shared**2 + self.own**2 + QUESTION**2)
        low, high = np.full(rates.shape, -40.0), np.full(rates.shape, 40.0)
        for _ in range(60):
            middle = (low + high) / 2
            mean = expit(middle[..., None] + spread * NODES) @ (WEIGHTS / WEIGHTS.sum())
            low, high = np.where(mean < rates, middle, low), np.where(mean < rates, high, middle)
        return np.asarray((low + high) / 2, dtype=np.float64)

    def draw(self, levels: Floats, topics: int, rng: np.random.Generator, missing: float = 0.0) -> Measurements:
        """An evaluation of (K, d) levels."""
        models, values = levels.shape
        label = np.repeat(np.arange(topics), rng.geometric(1 / 6, size=topics).clip(1, 40))
        odds = levels + self.shared * rng.normal(size=(topics, 1, values))[label]
        odds = odds + self.own * rng.normal(size=(topics, models, values))[label]
        odds = odds + QUESTION * rng.normal(size=(len(label), 1, values))
        shape = (len(label), models, self.samples, values)
        answered = rng.random(shape[:3]) >= missing
        return measure(rng.random(shape) < expit(odds)[:, :, None, :], answered, label)


def share(hits: float, trials: int) -> str:
    """A share in per cent with its 95 % Clopper–Pearson interval."""
    low = 0.0 if hits == 0 else float(betaincinv(hits, trials - hits + 1, 0.025))
    high = 1.0 if hits == trials else float(betaincinv(hits + 1, trials - hits, 0.975))
    return f"{100 * hits / trials:5.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def two_stage(measured: Measurements, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Percentile bootstrap of topics, then of questions within topics; (K, d) low and high."""
    starts = np.flatnonzero(np.diff(measured.topics, prepend=-1))
    sizes = np.diff(starts, append=len(measured.topics))
    means = []
    for _ in range(draws):
        topics = rng.integers(len(sizes), size=len(sizes))
        label = np.repeat(topics, sizes[topics])
        rows = starts[label] + (rng.random(len(label)) * sizes[label]).astype(int)
        means.append(measured.rates[rows].mean(axis=0))
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    return low, high


def covers(low: Floats, truth: Floats, high: Floats) -> Floats:
    """(d,) how many models' intervals hold the truth."""
    return np.asarray(((low <= truth + 1e-12) & (truth <= high + 1e-12)).sum(axis=0), dtype=np.float64)


def profile_coverage(draws: int) -> None:
    """Coverage of rates by their level, of the bootstrap on a tenth of the draws, and of centred rates."""
    print("Coverage of 95 % intervals of profiles, 4 models a draw; by true rate:")
    print("  topics effect  " + "".join(f"{rate:7g}" for rate in RATES) + "    all  centred | two-stage bootstrap, all")
    everything: list[Floats] = []
    for topics in (15, 20, 40):
        for shared in (0.5, 1.0, 1.5):
            rng = np.random.default_rng([topics, int(10 * shared)])
            world = World(shared, 0.5)
            truth = np.broadcast_to(RATES, (4, len(RATES)))
            levels, centred_truth = world.levels(truth), truth - truth.mean(axis=1, keepdims=True)
            hits, centred, boot, boots = np.zeros(len(RATES)), np.zeros(len(RATES)), np.zeros(len(RATES)), 0
            for number in range(draws):
                measured = world.draw(levels, topics, rng, missing=0.05)
                found = profiles(measured)
                hits += covers(found.rates.low, truth, found.rates.high) / 4
                centred += covers(found.centred.low, centred_truth, found.centred.high) / 4
                if number % 10 == 0:
                    complete = world.draw(levels, topics, rng)
                    low, high = two_stage(complete, 300, rng)
                    boot, boots = boot + covers(low, truth, high) / 4, boots + 1
            everything.append(hits / draws)
            cells = "".join(f"{100 * hit:7.1f}" for hit in hits / draws)
            means = f"{100 * hits.mean() / draws:7.1f}{100 * centred.mean() / draws:9.1f}"
            by_rate = " ".join(f"{100 * hit:.0f}" for hit in boot / boots)
            print(f"  {topics:6d} {shared:6.1f}  {cells}{means} | {100 * boot.mean() / boots:.1f} ({by_rate})")
    print(f"  mean over all: {100 * np.mean(everything):.1f} %")


def contrast_coverage(draws: int) -> None:
    """Coverage of the intervals of paired differences."""
    print("Coverage of 95 % intervals of contrasts, 3 models whose rates differ by 0, a half and double:")
    for topics in (20, 40):
        for own in (0.0, 0.5):
            rng = np.random.default_rng([topics, int(10 * own), 1])
            world = World(1.0, own)
            truth = np.stack([RATES, RATES, np.minimum(RATES * 1.5, (1 + RATES) / 2)])
            levels, hits = world.levels(truth), np.zeros(len(RATES))
            for _ in range(draws):
                found = contrasts(world.draw(levels, topics, rng, missing=0.05))
                gap = truth[found.pairs[:, 0]] - truth[found.pairs[:, 1]]
                hits += covers(found.differences.low, gap, found.differences.high) / 3
            cells = "".join(f"{100 * hit:6.1f}" for hit in hits / draws)
            print(f"  {topics} topics, own effect {own}: {cells}  all {100 * hits.mean() / draws:.1f}")


def alarms(draws: int) -> None:
    """Draws of identical models with any difference reported; share of single tests below 5 %."""
    print("All models identical: draws in which any difference is reported; single tests with p <= 0.05")
    for models in (3, 6, 16):
        for topics in (20, 40):
            for own in (0.0, 0.5, 1.0):
                rng = np.random.default_rng([models, topics, int(10 * own), 2])
                world = World(1.0, own)
                levels = world.levels(np.broadcast_to(RATES, (models, len(RATES))))
                any_found, low, tests, alike = 0, 0, 0, 0
                for _ in range(draws):
                    found = contrasts(world.draw(levels, topics, rng, missing=0.05))
                    any_found += bool((found.verdict == DIFFERENT).any())
                    alike += int((found.verdict == ALIKE).sum())
                    low, tests = low + int((found.differences.p_value <= 0.05).sum()), tests + found.q_value.size
                print(
                    f"  {models:2d} models, {topics} topics, topic x model effect {own}: {share(any_found, draws)}; "
                    f"single {100 * low / tests:.2f} %; called alike {100 * alike / tests:.0f} %"
                )
    print("Half of the models differ: false over all discoveries (mean over draws), true differences found")
    for topics in (20, 40):
        rng = np.random.default_rng([topics, 3])
        world = World(1.0, 0.5)
        truth = np.broadcast_to(RATES, (8, len(RATES))).copy()
        truth[:4, ::2] = (RATES[::2] + 0.5) / 2
        levels, false_share, found_share, wrongly_alike = world.levels(truth), [], [], 0
        for _ in range(draws):
            found = contrasts(world.draw(levels, topics, rng))
            gap = np.abs(truth[found.pairs[:, 0]] - truth[found.pairs[:, 1]])
            said = found.verdict == DIFFERENT
            false_share.append((said & (gap == 0)).sum() / max(1, said.sum()))
            found_share.append(said[gap > 0].mean())
            wrongly_alike += int(((found.verdict == ALIKE) & (gap > found.margin)).sum())
        error = np.std(false_share) / np.sqrt(draws)
        print(
            f"  {topics} topics: {100 * np.mean(false_share):.2f} % (± {196 * error:.2f}); found "
            f"{100 * np.mean(found_share):.0f} %; called alike though they differ by more: {wrongly_alike}"
        )


def planning(draws: int) -> None:
    """Whether the questions that power.py asks for find the margin in 80 % of evaluations."""
    print(
        "A true difference of the margin (0.05): found with the questions that a first evaluation asked for (aim 80 %)"
    )
    world = World(1.0, 0.3)
    for rate in (0.1, 0.4):
        rng = np.random.default_rng([int(100 * rate), 4])
        levels = world.levels(np.array([[rate], [rate + 0.05]]))
        wanted = []
        for _ in range(draws):
            first = contrasts(world.draw(levels, 40, rng))
            if first.more_questions[0, 0] > 0:
                wanted.append(float(first.differences.questions[0, 0] + first.more_questions[0, 0]))
        topics = round(float(np.median(wanted)) / 6)
        found = sum(
            bool(contrasts(world.draw(levels, topics, rng)).differences.p_value[0, 0] <= 0.05) for _ in range(draws)
        )
        print(
            f"  rate {rate}: median {np.median(wanted):.0f} questions asked for, {topics} topics: {share(found, draws)}"
        )


def speed(_: int) -> None:
    """Time and memory at full size."""
    questions, models, samples, values = 12_310, 16, 5, 10
    print(f"{questions} questions x {models} models x {samples} samples x {values} values, 1,500 topics, one thread")
    rng = np.random.default_rng(0)
    expressions = rng.random((questions, models, samples, values), dtype=np.float32) < 0.2
    topics = rng.integers(1500, size=questions)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for missing in (0.0, 0.3):
        answered = rng.random((questions, models, samples), dtype=np.float32) >= missing
        refused = ~answered
        measured = measure(expressions, answered, topics)
        steps: dict[str, Callable[[], object]] = {
            "measure": partial(measure, expressions, answered, topics),
            "profiles": partial(profiles, measured),
            "contrasts": partial(contrasts, measured),
            "worst cases": partial(worst_cases, expressions, answered, refused, topics),
            "refusal contrasts": partial(contrasts, refusal_measurements(answered, refused, topics)),
            "priming": partial(priming_effects, measured, [measured] * 2, [0, 1], ~np.eye(values, dtype=bool)),
        }
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            print(f"  {100 * missing:.0f} % of answers missing: {name}: {time.perf_counter() - start:.2f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory {peak:.0f} MB, of which {before:.0f} MB before the first statistic")


def main() -> None:
    """Run the chosen parts, or all."""
    parts: dict[str, Callable[[int], None]] = {
        "profiles": profile_coverage,
        "contrasts": contrast_coverage,
        "alarms": alarms,
        "power": planning,
        "speed": speed,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--only", choices=parts, action="append")
    options = parser.parse_args()
    for name in options.only or parts:
        parts[name](options.draws)


if __name__ == "__main__":
    main()
