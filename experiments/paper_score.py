"""What the paper's score of a question tells of its true divergence: Spearman's correlation in simulated worlds.

Of each world's author ten proposals to every other topic, answered once by each respondent for the paper's score and
its terms, and three times for D* and the overlap score, which earlier versions took for the paper's.

    python experiments/paper_score.py [--worlds 6]
"""

from __future__ import annotations

import argparse

import numpy as np
from adaem.calibration.answer_draws import draw_answers
from adaem.calibration.question_population import Bank
from adaem.calibration.true_divergence import true_divergence
from adaem.calibration.worlds import OPEN, World
from adaem.evaluation.divergence.d_star import estimate_divergences
from adaem.evaluation.divergence.overlap_score import overlap_score
from adaem.evaluation.divergence.paper_score import paper_score
from scipy.stats import spearmanr

TERMS = ("total", "conformity", "diversity", "disentanglement")
PROPOSALS, SAMPLES = 10, 3


def correlations(number: int) -> list[float]:
    """Of one world, with the true divergence: the paper's score and its terms, the overlap score, D*."""
    bank, rng = Bank(World(number)), np.random.default_rng(number)
    places = [(topic, each) for topic in range(0, bank.topics, 2) for each in range(PROPOSALS)]
    rates = np.stack([bank.rates(place) for place in places])
    answers = draw_answers(rates, bank.confusion, SAMPLES, bank.correlation_root, rng)
    named = [bank.values_named(place) for place in places]
    first = answers[:, :, :1]
    answered = np.ones(answers.shape[1:3], dtype=bool)
    # A respondent spreads its values over the three key points: none is in all of them.
    scores = [paper_score(one, np.zeros_like(one), answered[:, :1], own) for one, own in zip(first, named, strict=True)]
    columns = [np.array([getattr(score, term) for score in scores]) for term in TERMS]
    columns.append(np.array([overlap_score(one, answered, own).total for one, own in zip(answers, named, strict=True)]))
    columns.append(estimate_divergences(answers, permutations=None, rng=rng).divergence)
    return [float(spearmanr(column, true_divergence(rates)).statistic) for column in columns]


def main() -> None:
    """Prints a table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=6, choices=range(1, len(OPEN) + 1), metavar="N")
    names = ("the paper's score", *(f"its {term}" for term in TERMS[1:]), "overlap score, 3 answers", "D*, 3 answers")
    print(f"| world | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    rows = []
    for number in OPEN[: parser.parse_args().worlds]:
        rows.append(correlations(number))
        print(f"| {number} | {' | '.join(f'{each:+.2f}' for each in rows[-1])} |", flush=True)
    print(f"| mean | {' | '.join(f'{each:+.2f}' for each in np.mean(rows, axis=0))} |")


if __name__ == "__main__":
    main()
