"""Does leaving saturated values out of the comparisons let false alarms through?

    python experiments/saturated_values.py

Identical models answer one question on each of 40 topics three times; ten values all have the stated rate, and vary by
topic. Shares of 600 evaluations in which any difference of two models is called significant: with all values tested;
with the values left out that every model expresses in under 5 % or over 95 % of its answers, their tests not counted;
and with their tests counted as if they had found nothing, as the program does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from adaem.evaluation.intervals.multiplicity import q_values
from adaem.evaluation.models.contrasts import DIFFERENT, LEVEL, contrast_verdicts, contrasts
from adaem.evaluation.models.measurements import measure
from adaem.evaluation.models.saturation import saturated

VALUES, TOPICS, ANSWERS, SPREAD, EVALUATIONS = 10, 40, 3, 9.0, 600
RATES = (0.02, 0.04, 0.05, 0.06, 0.96)


def any_alarm(models: int, rate: float, rng: np.random.Generator) -> tuple[bool, bool, bool, int]:
    """Whether any difference is called in each of the three ways, and how many values are compared."""
    chance = rng.beta(SPREAD * rate, SPREAD * (1 - rate), size=(TOPICS, 1, 1, VALUES))
    expressed = rng.random((TOPICS, models, ANSWERS, VALUES)) < chance
    measured = measure(expressed, np.ones(expressed.shape[:3], dtype=bool), np.arange(TOPICS))
    found = contrasts(measured)
    extreme = saturated(measured.rates.mean(axis=0))
    tested = np.where(extreme, np.nan, found.differences.p_value)
    away = (found.differences.low > 0) | (found.differences.high < 0)
    counted = np.where(extreme, 1.0, found.differences.p_value)
    as_shown = contrast_verdicts(replace(found.differences, p_value=counted), found.pairs)
    return (
        bool((found.verdict == DIFFERENT).any()),
        bool((away & (q_values(tested) <= LEVEL)).any()) if not extreme.all() else False,
        bool((as_shown.verdict == DIFFERENT).any()),
        int((~extreme).sum()),
    )


def main() -> None:
    """Prints one line for each design."""
    print("| models | rate | values compared | all tested | left out | left out, tests counted |")
    print("|---|---|---|---|---|---|")
    for models in (2, 4):
        for rate in RATES:
            rng = np.random.default_rng([models, round(100 * rate)])
            draws = np.array([any_alarm(models, rate, rng) for _ in range(EVALUATIONS)], dtype=float)
            shares = " | ".join(f"{100 * share:.1f} %" for share in draws[:, :3].mean(axis=0))
            print(f"| {models} | {rate} | {draws[:, 3].mean():.1f} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
