"""Split-half reliability as the report gives it, beside the same with models shuffled."""

from __future__ import annotations

import numpy as np
from adaem.evaluation.reliability.random_judges import JUDGES
from adaem.results.reliability.reliability_results import reliability
from adaem.results.reliability.split_half_results import split_halves as split_halves_of

from .power import measured
from .recorded_sets import RecordedSets
from .tables import table

SEEDS = 20
"""Draws of halves and random judges, for how far the verdict hangs on them."""


def split_halves(sets: RecordedSets, draws: int, seed: int) -> str:
    """The report's correlations between halves of the answers on each set; ``draws`` plays no part."""
    rows, verdicts = [], []
    for judged in sets.judged:
        found = reliability(judged.full, measured(judged.full), *np.random.default_rng(seed).spawn(2))
        verdicts.append(f"- {judged.name}: {found.split_half_verdict}.")
        if found.split_half is not None:
            for name, each in found.split_half.correlations.items():
                figures = (each.observed, each.shuffled_high, each.random_mean, each.random_high)
                numbers = ("–" if figure is None else f"{figure:.3f}" for figure in figures)
                rows.append([f"{judged.name}: {name}", *numbers, "yes" if each.exceeds else "no"])
            others = [np.random.default_rng(seed + other) for other in range(1, SEEDS + 1)]
            halves = [split_halves_of(judged.full, rng, drawn=False)[0] for rng in others]
            seen = sum(each is not None and each.sees_differences for each in halves)
            border = sum(each is not None and each.correlations["quadratic"].on_the_border for each in halves)
            verdicts[-1] += (
                f" With other halves and random judges it is said to see them in {seen} of {SEEDS} draws, and to be on "
                f"the border in {border}."
            )
    columns = [
        *("set and statistic", "halves", "shuffled, 95th percentile"),
        *("random judges, mean", "random judges, 95th percentile", "exceeds both"),
    ]
    intro = (
        "Answers are split into halves; `quadratic` correlates G of the questions between halves, `profiles` the "
        "double-centred profiles, the last the rates as they are, high whatever the judge sees. Shuffled: the "
        "same with models permuted within each question, 200 times; random judges: as many as settle the verdict, at "
        f"most {JUDGES}, with random weights on the words of the answers; seed {seed}."
    )
    return "\n\n".join(["## Split halves", intro, *([table(columns, rows)] if rows else []), "\n".join(verdicts)])
