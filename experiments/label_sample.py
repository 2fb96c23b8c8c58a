"""Whether a judge's figures from a labelled sample hold for all answers: the bias and the coverage of three ways.

Answers to 150 questions express ten values, more alike within a question; a judge errs at known rates. Each draw takes
a sample for people to label, as ``adaem judge label`` does, and another at random.
"""

from __future__ import annotations

import argparse

import numpy as np
from adaem.agents.judges.label_sample import label_sample
from adaem.domain.judge_accuracy import Figure
from adaem.evaluation.judges.label_accuracy import clustered_share, youden

QUESTIONS, ANSWERS = 150, 12
RATES = np.array([0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.08, 0.05])
SENSITIVITY = np.array([0.9, 0.8, 0.85, 0.7, 0.9, 0.6, 0.8, 0.75, 0.9, 0.7])
SPECIFICITY = np.array([0.9, 0.8, 0.9, 0.85, 0.95, 0.9, 0.92, 0.95, 0.97, 0.95])


def main() -> None:
    """Prints the table of docs/JUDGES.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=60)
    parser.add_argument("--draws", type=int, default=150)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    cluster = np.repeat(np.arange(QUESTIONS), ANSWERS)
    kept: dict[str, list[list[float]]] = {"weighted": [], "not weighted": [], "a simple random sample": []}
    for _ in range(given.draws):
        truth, found = world(rng)
        chosen, weights = label_sample(found, given.rows, rng)
        ones = np.ones(len(chosen))
        ways = zip(kept, (chosen, chosen, rng.choice(len(truth), len(chosen), replace=False)), strict=True)
        for (way, rows), each in zip(ways, (weights, ones, ones), strict=True):
            for value in range(len(RATES)):
                kept[way] += row(truth[:, value], found[:, value], cluster, rows, each)
    drawn_from = f"{given.rows} of {QUESTIONS * ANSWERS:,} answers"
    print(f"| {drawn_from} | bias of sensitivity | of specificity | coverage of J | its width |")
    print("|---|---|---|---|---|")
    for way, rows_of_way in kept.items():
        figures = np.mean(rows_of_way, axis=0)
        print(f"| {way} | {figures[0]:+.3f} | {figures[1]:+.3f} | {figures[2]:.3f} | {figures[3]:.2f} |")


def world(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """What each answer expresses, and what the judge finds: (answers, values) bool each."""
    shape = QUESTIONS, ANSWERS, len(RATES)
    logit = np.log(RATES / (1 - RATES)) + rng.normal(0, 1.2, (QUESTIONS, 1, len(RATES)))
    truth = (rng.random(shape) < 1 / (1 + np.exp(-logit - rng.normal(0, 0.5, (QUESTIONS, 1, 1))))).reshape(-1, shape[2])
    found = np.where(truth, rng.random(truth.shape) < SENSITIVITY, rng.random(truth.shape) > SPECIFICITY)
    return truth, found


def row(
    truth: np.ndarray, found: np.ndarray, cluster: np.ndarray, chosen: np.ndarray, weights: np.ndarray
) -> list[list[float]]:
    """Errors of sensitivity and specificity, whether J's interval holds it, and its width; empty where it has none."""
    real = found[truth].mean(), (~found)[~truth].mean()
    is_positive = truth[chosen]
    shares: list[Figure | None] = [
        clustered_share(
            (found if kind else ~found)[chosen][is_positive == kind],
            cluster[chosen][is_positive == kind],
            weights[is_positive == kind],
        )
        for kind in (True, False)
    ]
    if shares[0] is None or shares[1] is None or (both := youden(shares[0], shares[1])).interval is None:
        return []
    low, high = both.interval
    errors = [share.estimate - true for share, true in zip((shares[0], shares[1]), real, strict=True)]
    return [[*errors, float(low <= sum(real) - 1 <= high), high - low]]


if __name__ == "__main__":
    main()
