"""What bias D* has once its noise floor is subtracted: by the floor, by how evenly rates are spread, by D.

Run: python experiments/noise_floors.py [--questions 4000]

Rates are drawn as in question_intervals.py; "steady" spreads the same logits three and eight times as far, so that most
rates lie near 0 and 1. Mean error of D* in bits and, in brackets, its standard deviation over questions; seed 0. The
floors: over permutations (part 0), scaled as in the report, and scaled as a whole (part 1).
"""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np
from adaem.calibration.true_divergence import true_divergence
from adaem.evaluation.divergence.noise_floor import SCALED_PART, exact_scaled_floor
from adaem.evaluation.divergence.plug_in import plug_in_divergence
from question_intervals import LEVELS, SAMPLES, rates_at

VALUES = 10
SPREADS = {"evenly spread": 1.0, "steady": 3.0, "very steady": 8.0}
PARTS = (0.0, SCALED_PART["scaled"], 1.0)


def main() -> None:
    """Print the table of docs/STATISTICS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=4000)
    questions = parser.parse_args().questions
    rng = np.random.default_rng(0)
    print("| rates; models, answers | part scaled | " + " | ".join(f"D = {level:g}" for level in LEVELS) + " |")
    print("|---" * (len(LEVELS) + 2) + "|")
    for (name, spread), models, samples in product(SPREADS.items(), (3, 5, 9), SAMPLES):
        cells: dict[float, list[str]] = {part: [] for part in PARTS}
        for level in LEVELS:
            rates = rates_at(level, questions, models, VALUES, rng, spread)
            counts, answers = rng.binomial(samples, rates), np.full(models, samples)
            plug_in, truth = plug_in_divergence(counts, answers), true_divergence(rates)
            for part in PARTS:
                error = plug_in - exact_scaled_floor(counts, samples, part) - truth
                cells[part].append(f"{error.mean():+.3f} ({error.std():.3f})")
        for part, row in cells.items():
            print(f"| {name}; {models}, {samples} | {part:.2f} | " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
