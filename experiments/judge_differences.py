"""How often a judge that errs alike on all models is said to err more on some: false alarms and power.

Run: python experiments/judge_differences.py [--draws 400]

Labelled rows come in clusters (one question, one source); a cluster may be of one model or hold rows of all. The
judge's errors hang on nothing, or on the cluster and on the model's rows in it, with a standard deviation of 1 in
log-odds each. Power: the errors of one model are 1 higher in log-odds. Test at p <= 0.05; seed 0.
"""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np
from adaem.evaluation.judges.error_difference import error_differences
from scipy.special import expit, logit

LAYOUTS = (("one model a cluster", 5, 40), ("one model a cluster", 1, 200), ("all models, two rows each", 2, 40))
"""What a cluster holds, rows of a model in it, clusters."""


def rejected(
    layout: str, rows: int, clusters: int, models: int, rate: float, spread: float, effect: float, draws: int
) -> float:
    """Share of ``draws`` labelled files in which the judge is said to err more on some model."""
    rng = np.random.default_rng([0, rows, clusters, models, round(100 * rate), round(spread), round(effect)])
    said = tests = 0
    for _ in range(draws):
        if layout.startswith("all"):
            cluster = np.repeat(np.arange(clusters), rows * models)
            model = np.tile(np.repeat(np.arange(models), rows), clusters)
        else:
            cluster = np.repeat(np.arange(clusters), rows)
            model = np.repeat(rng.integers(models, size=clusters), rows)
        of_cluster, of_block = spread * rng.normal(size=clusters), spread * rng.normal(size=(clusters, models))
        chance = expit(logit(rate) + of_cluster[cluster] + of_block[cluster, model] + effect * (model == 0))
        wrong = rng.random(len(cluster)) < chance
        truth = np.ones((len(cluster), 1), dtype=bool)
        found = error_differences(
            truth, ~wrong[:, None], [str(each) for each in model], cluster, ("value",), permutations=199, rng=rng
        )
        tests += bool(found)
        said += any(each.p_value <= 0.05 for each in found)
    return said / max(1, tests)


def main() -> None:
    """Print the table of docs/STATISTICS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=400)
    draws = parser.parse_args().draws
    print(
        "| a cluster holds | rows of a model | models | errors | false alarms: errors hang on nothing | on clusters "
        "| power: on nothing | on clusters |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for (layout, rows, clusters), models, rate in product(LAYOUTS, (2, 8), (0.1, 0.3)):
        cells = [
            f"{100 * rejected(layout, rows, clusters, models, rate, spread, effect, draws):.1f} %"
            for effect, spread in product((0.0, 1.0), (0.0, 1.0))
        ]
        print(f"| {layout} | {rows} × {clusters} | {models} | {rate:.0%} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
