"""How often the permutation test calls identical models different, and how often it finds a true difference."""

from __future__ import annotations

import numpy as np

from ..domain.streams import Stream, generator
from ..evaluation.divergence.d_star import estimate_divergences
from .estimators import rates_at
from .extent import Extent, Task
from .verdict import Section, Table, line, several, share_of, worst_line

FALSE_ALARMS_TITLE = "False alarms and power"
MODELS = (2, 3, 5, 9)
SAMPLE_SIZES = (3, 5, 8)
RATES = (0.05, 0.2, 0.5)
VALUES = 10
ALARM_PERMUTATIONS = 199
"""With 199 permutations p <= 0.05 is met by exactly 10 of 200 ranks."""
POWER_AT = 0.1
STRICT = [(5, 8, 0.2), (5, 8, 0.5)]
"""Designs whose rate must lie within 4 to 6 %."""


def alarms(models: int, samples: int, rate: float, questions: int, seed: int) -> tuple[int, int]:
    """Rejections at 5 % and questions, for models that all express every value at ``rate``."""
    rng = generator(seed, Stream.CALIBRATION_ALARMS, models, samples, round(100 * rate))
    answers = rng.random((questions, models, samples, VALUES)) < rate
    found = estimate_divergences(answers, permutations=ALARM_PERMUTATIONS, rng=rng)
    assert found.p_value is not None
    return int((found.p_value <= 0.05).sum()), questions


def power(samples: int, questions: int, seed: int) -> tuple[int, int]:
    """Rejections at 5 % and questions, for five models at an observed D of 0.1 bits."""
    rng = generator(seed, Stream.CALIBRATION_POWER, samples)
    rates = rates_at(POWER_AT, questions, rng)[:, :, None, :]
    answers = rng.random((questions, rates.shape[1], samples, VALUES)) < rates
    found = estimate_divergences(answers, permutations=ALARM_PERMUTATIONS, rng=rng)
    assert found.p_value is not None
    return int((found.p_value <= 0.05).sum()), questions


def designs() -> list[tuple[int, int, float]]:
    """Every (K, L, rate) of the table."""
    return [(models, samples, rate) for models in MODELS for samples in SAMPLE_SIZES for rate in RATES]


def tasks(extent: Extent) -> list[Task]:
    """The table, then the power by L."""
    few, many = extent.pick(500, 10_000), extent.pick(5_000, 40_000)
    table = [Task(alarms, (*design, many if design in STRICT else few, extent.seed)) for design in designs()]
    return table + [Task(power, (samples, extent.pick(500, 4_000), extent.seed)) for samples in SAMPLE_SIZES]


def conclude(results: list[tuple[int, int]]) -> Section:
    """The section from the tasks' results, in their order."""
    table, powers = results[: len(designs())], results[len(designs()) :]
    found = dict(zip(designs(), table, strict=True))
    level = several(len(found))
    named = [(_name(design), share_of(*counts, level=level)) for design, counts in found.items()]
    strict = [(_name(design), share_of(*found[design], level=several(len(STRICT)))) for design in STRICT]
    criterion = "never significantly above 5 %; holds when every interval ends below 7 %"
    lines = [
        worst_line(
            FALSE_ALARMS_TITLE, "P(p ≤ 0.05), identical models", named, criterion, within=(0, 0.07), beyond=(0, 0.05)
        ),
        worst_line(
            FALSE_ALARMS_TITLE, "P(p ≤ 0.05), K = 5, L = 8, mean rate ≥ 0.2", strict, "4 to 6 %", within=(0.04, 0.06)
        ),
    ]
    lines += [
        line(FALSE_ALARMS_TITLE, f"power at an observed D of {POWER_AT} bits, K = 5, L = {samples}", share_of(*counts))
        for samples, counts in zip(SAMPLE_SIZES, powers, strict=True)
    ]
    rows = tuple(
        (f"{models}", f"{samples}", *(f"{np.divide(*found[models, samples, rate]):.3f}" for rate in RATES))
        for models in MODELS
        for samples in SAMPLE_SIZES
    )
    columns = ("K", "L", *(f"rate {rate}" for rate in RATES))
    draws = min(count for _, count in table)
    title = f"P(p ≤ 0.05) for identical models, at least {draws:,} questions each"
    return Section(
        title=FALSE_ALARMS_TITLE, lines=tuple(lines), tables=(Table(title=title, columns=columns, rows=rows),)
    )


def _name(design: tuple[int, int, float]) -> str:
    return f"K = {design[0]}, L = {design[1]}, rate {design[2]}"
