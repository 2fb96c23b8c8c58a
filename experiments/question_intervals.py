"""How often the interval of one question's divergence holds it: by the design, by D, where values go together in an
answer, where models hardly vary, and on the calibration's worlds.

Run: python experiments/question_intervals.py [--questions 2000]

Beside the interval that the report gives (a score interval) stands D* ± t of the jackknife, which stood there before.
Coverage in % with the mean width in bits; seed 0.
"""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np
from adaem.calibration.answer_draws import draw_answers
from adaem.calibration.question_population import Bank
from adaem.calibration.true_divergence import true_divergence
from adaem.calibration.worlds import World
from adaem.evaluation.divergence.d_star import confidence_interval, estimate_divergences
from numpy.typing import NDArray
from scipy.special import expit, ndtr

Floats = NDArray[np.float64]

LEVELS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3)
DESIGNS = ((2, 10), (5, 10), (8, 10), (5, 19))
"""Models and values."""
SAMPLES = (3, 5, 8)
TOGETHER = 0.8
"""Correlation of the normal scores of two values behind an answer (its absolute value)."""
STEADY = 3.0
"""How many times as far the logits of a question's base rates are spread where models are steady."""
WORLDS = ((1, 5), (1, 6), (2, 5), (2, 6))
"""Version of the simulator and number of an open world."""


def rates_at(
    divergence: float, questions: int, models: int, values: int, rng: np.random.Generator, spread: float = 1.0
) -> Floats:
    """(Q, K, d) probabilities whose D is ``divergence``; base logits (``spread`` times as wide), leanings drawn."""
    base = spread * rng.normal(-1.0, 1.2, size=(questions, 1, values))
    lean = rng.standard_normal((questions, models, values))
    low, high = np.zeros(questions), np.full(questions, 200.0)
    for _ in range(40):
        middle = (low + high) / 2
        above = true_divergence(expit(np.clip(base + middle[:, None, None] * lean, -40, 40))) > divergence
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray(expit(np.clip(base + low[:, None, None] * lean, -40, 40)))


def cell(answers: NDArray[np.bool_], truth: Floats, rng: np.random.Generator) -> str:
    """Coverage and width, now and before."""
    found = estimate_divergences(answers, permutations=None, rng=rng)
    models, samples = answers.shape[1:3]
    before = confidence_interval(found.divergence, found.variance, models * (samples - 1))
    texts = []
    for ends in (found.interval, before):
        held = (ends[:, 0] <= truth + 1e-12) & (truth <= ends[:, 1] + 1e-12)
        texts.append(f"{100 * held.mean():.1f} ({(ends[:, 1] - ends[:, 0]).mean():.3f})")
    return " / ".join(texts)


def together(rates: Floats, samples: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Answers (Q, K, L, d) at these rates in which half of the values rise and fall together, and half against them."""
    questions, models, values = rates.shape
    side = np.where(np.arange(values) % 2 == 0, 1.0, -1.0)
    common = rng.standard_normal((questions, models, samples, 1)) * side
    own = rng.standard_normal((questions, models, samples, values))
    score = np.sqrt(TOGETHER) * common + np.sqrt(1 - TOGETHER) * own
    return np.asarray(ndtr(score) < rates[:, :, None])


def main() -> None:
    """Print the tables of docs/STATISTICS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=2000)
    questions = parser.parse_args().questions
    rng = np.random.default_rng(0)
    for heading in (
        "models, values, answers",
        "the same, where values go together",
        "the same, where models are steady",
    ):
        print(f"| {heading} | " + " | ".join(f"D = {level:g}" for level in LEVELS) + " |")
        print("|---" * (len(LEVELS) + 1) + "|")
        for (models, values), samples in product(DESIGNS, SAMPLES):
            cells = []
            for level in LEVELS:
                rates = rates_at(level, questions, models, values, rng, STEADY if "steady" in heading else 1.0)
                if "together" in heading:
                    drawn = together(rates, samples, rng)
                else:
                    drawn = rng.random((questions, models, samples, values)) < rates[:, :, None]
                cells.append(cell(drawn, true_divergence(rates), rng))
            print(f"| {models}, {values}, {samples} | " + " | ".join(cells) + " |", flush=True)
        print()
    print("| simulator's version, world | " + " | ".join(f"{samples} answers" for samples in SAMPLES) + " |")
    print("|---" * (len(SAMPLES) + 1) + "|")
    for version, number in WORLDS:
        bank = Bank(World(number, simulator=version))
        planted = np.stack([[bank.ungated(topic, n) for n in range(8)] for topic in range(bank.topics)])
        flat = planted.reshape(-1, *planted.shape[2:])
        truth = true_divergence(bank.confusion.observed(flat))
        cells = [
            cell(draw_answers(flat, bank.confusion, samples, bank.correlation_root, rng), truth, rng)
            for samples in SAMPLES
        ]
        print(f"| {version}, {number} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
