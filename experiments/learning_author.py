"""What a learning author brings: ``python experiments/learning_author.py [--worlds 4]``.

In each world of version 2 an author proposes for every topic, is shown the five best so far with their scores (D* of
three judged answers of each respondent, as the search has them), and proposes again, to three degrees of learning.
Printed is the mean true D of the proposals made with examples, and of those made without; no budget, no novelty gate.
"""

from __future__ import annotations

import argparse

import numpy as np
from adaem.calibration.answer_draws import draw_answers
from adaem.calibration.question_population import Bank
from adaem.calibration.true_divergence import true_divergence
from adaem.calibration.worlds import World
from adaem.domain.streams import Stream, generator
from adaem.evaluation.divergence.d_star import estimate_divergences
from adaem.pool.simulated.author import propose
from adaem.pool.simulated.chance import stream
from adaem.pool.simulated.planted import expression_probabilities
from adaem.pool.simulated.vocabulary import vocabulary_of
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BLIND, SHOWN_ROUNDS, SAMPLES, BEST = 6, 6, 3, 5
DEGREES = (0.0, 0.5, 1.0)


def world_means(number: int, degree: float, topics: int) -> tuple[float, float]:
    """Mean true D, in bits, of proposals without examples and of those with."""
    bank = Bank(World(number, simulator=2))
    vocabulary = vocabulary_of(bank.framework)
    rng = generator(0, Stream.FAST_LANE_ANSWERS, number)
    blind, shown = list[float](), list[float]()
    for topic in bank.framework.topics[:topics]:
        scored: list[tuple[float, str]] = []
        for turn in range(BLIND + SHOWN_ROUNDS):
            best = sorted(scored, reverse=True)[:BEST] if turn >= BLIND else []
            lines = "\n".join(f"{score:.3f}\t{text}" for score, text in best)
            fields = {"topic": topic.text, "best": lines, "avoid": ""}
            reply = propose(vocabulary, fields, stream("learning", number, topic.id, turn), learning=degree)
            question, fact = str(reply["question"]), str(reply["fact"])
            rates = np.stack([expression_probabilities(m, bank.framework, question, fact) for m in bank.members])
            answers = draw_answers(rates[None], bank.confusion, SAMPLES, bank.correlation_root, rng)
            score = float(estimate_divergences(answers, permutations=None, rng=rng).divergence[0])
            scored.append((score, question))
            (shown if turn >= BLIND else blind).append(float(true_divergence(rates)))
    return float(np.mean(blind)), float(np.mean(shown))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--topics", type=int, default=117)
    asked = parser.parse_args()
    print("learning  true D without examples  with the five best shown  gain by world")
    for degree in DEGREES:
        found = np.array([world_means(number, degree, asked.topics) for number in range(1, asked.worlds + 1)])
        gains = ", ".join(f"{each:+.3f}" for each in found[:, 1] - found[:, 0])
        print(f"{degree:8.1f}  {found[:, 0].mean():23.3f}  {found[:, 1].mean():24.3f}  {gains}", flush=True)


if __name__ == "__main__":
    main()
