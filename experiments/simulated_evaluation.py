"""Do the report's statistics find what is planted, and nothing else? Coverage, false alarms, mixed pools.

Run: python experiments/simulated_evaluation.py [--only coverage|identical|mixed] [--draws 400]

The worlds are the calibration's: questions are proposals of the simulated author, chances those that respondents plant,
as they appear through the world's judge; answers are draws of them, and refusals of the planted refusal rates. Topics
are drawn with replacement from the framework's 117, questions from the author's proposals to each. Seed 0.
"""

# ruff: noqa: I001  (the number of threads must be set before numpy is imported)
from __future__ import annotations

import os

if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from adaem.calibration.question_population import Bank
from adaem.calibration.worlds import World
from adaem.domain.question import Question
from adaem.domain.settings import Settings
from adaem.evaluation.models.contrasts import DIFFERENT, contrasts
from adaem.evaluation.models.measurements import measure
from adaem.evaluation.models.profiles import profiles
from adaem.pool.simulated.planted import refusal_probability
from adaem.records import Manifest
from adaem.results.answer_arrays import AnswerArrays
from adaem.results.compute import results

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WORLDS = tuple(range(11, 19))
"""Open worlds; those that the calibration reserves stay closed."""

PROPOSALS = 12
"""Questions of each topic from which an evaluation's are drawn."""

DESIGNS = (("a default run's", 25, 3), ("more topics", 40, 6), ("a large file's", 100, 8))
"""Name, topics, most questions of a topic: each topic has between one and that many."""

RESPONDENTS, SAMPLES = 8, 5
EDGES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True)
class Populace:
    """All questions of a world: ``chances`` (T, P, K, d) of an observed expression, ``refusals`` (T, P, K)."""

    bank: Bank
    chances: Floats
    refusals: Floats

    @classmethod
    def of(cls, number: int, variant: str = "", *, members: int = RESPONDENTS) -> Populace:
        """The proposals of world ``number`` as its first ``members`` respondents take them."""
        bank = Bank(World(number, variant))
        bank.members = bank.world.respondents(members)
        rates = np.stack([[bank.ungated(t, n) for n in range(PROPOSALS)] for t in range(bank.topics)])
        refusals = np.array(
            [[refusal_probability(each, bank.framework, topic.text) for each in bank.members] for topic in topics(bank)]
        )
        chances = bank.confusion.observed(rates)
        return cls(bank, chances, np.repeat(refusals[:, None], PROPOSALS, axis=1))

    def drawn(self, count: int, most: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
        """``count`` topics: for each question its cluster, its topic and its number; a topic drawn twice is two."""
        cluster = np.repeat(np.arange(count), rng.integers(1, most + 1, size=count))
        topic = rng.integers(self.bank.topics, size=count)[cluster]
        return cluster, topic, rng.integers(PROPOSALS, size=len(cluster))


def topics(bank: Bank) -> Sequence[Question]:
    """The framework's topics as questions."""
    return [Question(id=each.id, topic_id=each.id, topic=each.text, text=each.text) for each in bank.framework.topics]


def answers(chances: Floats, refusals: Floats, rng: np.random.Generator) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Expressions (Q, K, L, d) and which were answered (Q, K, L)."""
    shape = (*chances.shape[:2], SAMPLES, chances.shape[2])
    answered = rng.random(shape[:3]) >= refusals[..., None]
    return (rng.random(shape) < chances[:, :, None]) & answered[..., None], answered


def share(hits: float, trials: int) -> str:
    """A share in per cent with its 95 % Clopper–Pearson interval."""
    low = 0.0 if hits <= 0 else float(betaincinv(hits, trials - hits + 1, 0.025))
    high = 1.0 if hits >= trials else float(betaincinv(hits + 1, trials - hits, 0.975))
    return f"{100 * hits / trials:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def covered(number: int, draws: int) -> Floats:
    """(designs, bins + 3, 2) hits and trials in one world: rates by level, centred, contrasts, and these questions."""
    populace, counts = Populace.of(number), np.zeros((len(DESIGNS), len(EDGES) + 2, 2))
    truth = populace.chances.mean(axis=(0, 1))
    level = np.digitize(truth, EDGES[1:-1])
    for design, (_, count, most) in enumerate(DESIGNS):
        rng = np.random.default_rng([0, number, design])
        for _ in range(draws):
            cluster, topic, place = populace.drawn(count, most, rng)
            chances = populace.chances[topic, place]
            measured = measure(*answers(chances, populace.refusals[topic, place], rng), cluster)
            found = profiles(measured)
            held = _within(found.rates.low, truth, found.rates.high)
            for one in range(len(EDGES) - 1):
                counts[design, one] += held[level == one].sum(), (level == one).sum()
            own = truth - truth.mean(axis=1, keepdims=True)
            _add(counts[design, -3], _within(found.centred.low, own, found.centred.high))
            between = contrasts(measured)
            gap = truth[between.pairs[:, 0]] - truth[between.pairs[:, 1]]
            _add(counts[design, -2], _within(between.differences.low, gap, between.differences.high))
            _add(counts[design, -1], _within(found.rates.low, chances.mean(axis=0), found.rates.high))
    return counts


def _within(low: Floats, truth: Floats, high: Floats) -> NDArray[np.bool_]:
    return np.asarray((low <= truth) & (truth <= high))


def _add(cell: Floats, held: NDArray[np.bool_]) -> None:
    cell += held.sum(), held.size


def coverage(draws: int) -> None:
    """Coverage of 95 % intervals, by what they are to hold."""
    counts = np.array(spread(partial(covered, draws=max(1, draws // len(WORLDS))), WORLDS))
    counts = counts.sum(axis=0)
    print(f"Coverage of 95 % intervals, %: {draws} evaluations in {len(WORLDS)} worlds, {RESPONDENTS} models")
    print("| questions | " + " | ".join(f"rate {a:g}–{b:g}" for a, b in pairwise(EDGES)), end="")
    print(" | all rates | centred | contrasts | these very questions |")
    print("|" + "---|" * (len(EDGES) + 4))
    for (name, count, most), rows in zip(DESIGNS, counts, strict=True):
        cells = [f"{100 * hits / trials:.1f}" if trials else "–" for hits, trials in rows[: len(EDGES) - 1]]
        whole = rows[: len(EDGES) - 1].sum(axis=0)
        cells += [f"{100 * hits / trials:.1f}" for hits, trials in (whole, *rows[-3:])]
        print(f"| {name}, {count} topics × 1–{most} | " + " | ".join(cells) + " |")
    whole = counts[:, : len(EDGES) - 1].sum(axis=(0, 1))
    print(f"all rates of all designs: {100 * whole[0] / whole[1]:.1f} %\n")


def evaluated(populace: Populace, rng: np.random.Generator, count: int = 25, most: int = 3) -> AnswerArrays:
    """An evaluation as the report reads it, of a default run's size."""
    cluster, topic, place = populace.drawn(count, most, rng)
    chances, refusals = populace.chances[topic, place], populace.refusals[topic, place]
    expressed, answered = answers(chances, refusals, rng)
    bank, models = populace.bank, tuple(member.id for member in populace.bank.members)
    named = topics(bank)
    asked = tuple(
        named[which].model_copy(update={"id": f"q{row}", "text": f"{named[which].text} ({row})"})
        for row, which in enumerate(topic.tolist())
    )
    manifest = Manifest(
        run_id="simulated",
        adaem_version="0",
        created_at="",
        status="finished",
        simulated=True,
        settings=Settings(),
        framework=bank.framework,
        framework_sha256="",
        pool=bank.world.pool(),
        prompts={},
        embedder="hashing",
        packages={},
    )
    return AnswerArrays(
        manifest=manifest,
        models=models,
        seen=(False,) * len(models),
        values=bank.framework.value_ids,
        questions=asked,
        topics=cluster.astype(np.int64),
        expressions=np.where(answered[..., None], expressed, np.nan),
        answered=answered,
        refused=~answered,
        asked=np.ones_like(answered),
        wording=np.zeros(answered.shape, dtype=np.int64),
        wordings=("",),
        outcomes=tuple(Counter({"answered": int(each.sum())}) for each in answered.transpose(1, 0, 2)),
        texts=np.full(answered.shape, "", dtype=object),
        judge="simulated",
    )


SAYING = ("differ at", "differs at", "differ in", "differs in", "differently")
"""One of these words stands in every sentence that says that models differ."""

KINDS = ("values", "refusing", "as a whole", "a question separates", "a sentence says so")


def _alarms(number: int, draws: int) -> Floats:
    """(5,) draws in which each kind of difference is reported, and any of them said in a sentence."""
    populace, hits = Populace.of(number, "null", members=6), np.zeros(len(KINDS))
    rng = np.random.default_rng([0, number, 21])
    for draw in range(draws):
        found = results(evaluated(populace, rng), draw)
        said = any(words in sentence for words in SAYING for sentence in found.sentences)
        hits += (
            found.contrasts.different > 0,
            found.refusals.different > 0,
            any(each.q_value is not None and each.q_value <= 0.05 for each in found.distances),
            found.divergences.separating > 0,
            said,
        )
    return hits


def identical(draws: int) -> None:
    """All models identical: how often does the report find any difference?"""
    each = max(1, draws // len(WORLDS))
    hits = np.sum(spread(partial(_alarms, draws=each), WORLDS), axis=0)
    print(f"Six identical models, the report's own code, {each * len(WORLDS)} evaluations of 25 topics: any difference")
    for kind, found in zip(KINDS, hits, strict=True):
        print(f"| {kind} | {share(found, each * len(WORLDS))} |")
    print()


POOLS = (("three, two and three others", (0, 0, 0, 1, 1, 2, 3, 4)), ("six and two", (0, 0, 0, 0, 0, 0, 1, 1)))


def _mixed(number: int, draws: int) -> list[tuple[Floats, Floats]]:
    populace, found = Populace.of(number, members=5), []
    for pool, (_, who) in enumerate(POOLS):
        chances, refusals = populace.chances[:, :, who], populace.refusals[:, :, who]
        truth, rows = chances.mean(axis=(0, 1)), []
        power = []
        rng = np.random.default_rng([0, number, 31 + pool])
        for _ in range(draws):
            cluster, topic, place = populace.drawn(40, 6, rng)
            measured = measure(*answers(chances[topic, place], refusals[topic, place], rng), cluster)
            between = contrasts(measured)
            gap = truth[between.pairs[:, 0]] - truth[between.pairs[:, 1]]
            said = between.verdict == DIFFERENT
            wrong = said & ((gap == 0) | (np.sign(gap) != np.sign(between.differences.difference)))
            rows.append(wrong.sum() / max(1, said.sum()))
            if (np.abs(gap) > 0.1).any():
                power.append(said[np.abs(gap) > 0.1].mean())
        found.append((np.array(rows), np.array(power)))
    return found


def mixed(draws: int) -> None:
    """Some models are the same: false over all discoveries."""
    each = max(1, draws // len(WORLDS))
    parts = spread(partial(_mixed, draws=each), WORLDS)
    print(f"Mixed pools of eight, {each * len(WORLDS)} evaluations of 40 topics × 1–6: a discovery is false where the")
    print("two are the same respondent, or differ the other way")
    print("| alike are | false over all discoveries | true gaps over 10 points found |")
    print("|---|---|---|")
    for pool, (name, _) in enumerate(POOLS):
        rows = np.concatenate([part[pool][0] for part in parts])
        power = np.mean(np.concatenate([part[pool][1] for part in parts]))
        half = 196 * rows.std() / np.sqrt(len(rows))
        print(f"| {name} | {100 * rows.mean():.2f} % ± {half:.2f} | {100 * power:.0f} % |")
    print()


def spread(task: Callable[[int], object], numbers: Sequence[int]) -> list:  # type: ignore[type-arg]
    """The task's results in the order of the worlds, two at a time."""
    with ProcessPoolExecutor(2) as workers:
        return list(workers.map(task, numbers))


def main() -> None:
    """Run the chosen parts, or all."""
    parts: dict[str, Callable[[int], None]] = {
        "coverage": coverage,
        "identical": identical,
        "mixed": mixed,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--only", choices=parts, action="append")
    options = parser.parse_args()
    for name in options.only or parts:
        parts[name](options.draws)


if __name__ == "__main__":
    main()
