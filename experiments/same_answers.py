"""How surely two questions with all but equal answers are found, and how rarely others are taken for such.

In each of the calibration's worlds the 75 best of six proposals a topic are asked twice, as twins: answers are drawn
from their planted probabilities as they appear through the world's judge. Twins should be linked; of the pairs of
different questions those may be whose true distance lies below the rule's share of the models' own. Simulated.

    python experiments/same_answers.py [--worlds 6] [--answers 8 20 60]
"""

from __future__ import annotations

import argparse

import numpy as np
from adaem.calibration.question_population import Bank, Place
from adaem.calibration.true_divergence import true_divergence
from adaem.calibration.worlds import OPEN, World
from adaem.evaluation.questions.same_answers import SHARE, ResponsePattern, nearly_equal
from numpy.typing import NDArray

BEST, PROPOSALS = 75, 6
Floats = NDArray[np.float64]


def distance(rates: Floats) -> Floats:
    """(Q, Q) the questions' squared distance as a share of the smaller of the models' own; from rates (Q, K, d)."""
    apart = ((rates[:, None] - rates[None]) ** 2).sum(axis=-1).mean(axis=-1)
    own = 2 * ((rates - rates.mean(axis=1, keepdims=True)) ** 2).sum(axis=(1, 2)) / (rates.shape[1] - 1)
    return np.asarray(apart / np.minimum(own[:, None], own[None]))


def world_rates(number: int) -> Floats:
    """(75, K, d) the probabilities of the questions that differ most, as they appear through the judge."""
    bank = Bank(World(number))
    places: list[Place] = []
    for topic in range(bank.topics):
        asked: list[Place] = []
        for proposal in range(PROPOSALS):
            if not bank.duplicate((topic, proposal), asked):
                asked.append((topic, proposal))
        places += asked
    rates = np.stack([bank.rates(place) for place in places])
    seen = bank.confusion.observed(rates)
    return np.asarray(seen[np.argsort(-true_divergence(seen))[:BEST]])


def main() -> None:
    """Prints the table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=6)
    parser.add_argument("--answers", type=int, nargs="+", default=[8, 20, 60])
    given = parser.parse_args()
    worlds = {number: world_rates(number) for number in OPEN[: given.worlds]}
    print(f"| answers a model | twins found | other pairs linked | of these truly above {SHARE:g} |\n|---|---|---|---|")
    for answers in given.answers:
        found = twins = linked = pairs = wrong = 0
        for number, rates in worlds.items():
            rng = np.random.default_rng([number, answers])
            both = np.concatenate([rates, rates])
            drawn = rng.random((*both.shape[:2], answers, both.shape[2])) < both[:, :, None, :]
            equal = nearly_equal([ResponsePattern(each, np.ones(each.shape[:2], dtype=bool)) for each in drawn], rng)
            found, twins = found + int(equal[:BEST, BEST:].diagonal().sum()), twins + BEST
            others = np.triu(equal[:BEST, :BEST], 1)
            linked, pairs = linked + int(others.sum()), pairs + BEST * (BEST - 1) // 2
            wrong += int((others & (distance(rates) > SHARE)).sum())
        print(f"| {answers} | {100 * found / twins:.0f} % of {twins} | {linked} of {pairs:,} | {wrong} |", flush=True)


if __name__ == "__main__":
    main()
