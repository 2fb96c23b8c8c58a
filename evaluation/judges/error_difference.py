"""Whether a judge errs more on some models' texts than on others', and so fakes differences (METHOD.md section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ...domain.judge_accuracy import ErrorDifference
from ..divergence.entropy import Floats
from ..divergence.expressions import Bools, Ints
from ..intervals.multiplicity import q_values

FEWEST_ROWS = 5
"""A model with fewer rows of a kind is left out of that test."""

_CHUNK = 2_000_000


def error_differences(
    truth: Bools,
    labelled: Bools,
    models: Sequence[str],
    clusters: Ints,
    value_ids: Sequence[str],
    *,
    permutations: int,
    rng: np.random.Generator,
) -> tuple[ErrorDifference, ...]:
    """A permutation test for each value and kind of error ("missed" among expressing rows, "false alarm" among others).

    ``truth``, ``labelled`` (N, d) bool; ``models``, ``clusters`` (N,). The statistic is Pearson's chi-square of
    error x model. Where most rows share a cluster with a row of another model (several models answered one question),
    models are permuted within clusters only. Values where fewer than two models have ``FEWEST_ROWS`` rows, or no
    error was made, are left out.
    """
    names, code = np.unique(np.asarray(models), return_inverse=True)
    errors: tuple[Literal["missed"], Literal["false alarm"]] = ("missed", "false alarm")
    tests = []
    for column, value in enumerate(value_ids):
        for error in errors:
            kind = truth[:, column] if error == "missed" else ~truth[:, column]
            enough = np.bincount(code[kind], minlength=len(names)) >= FEWEST_ROWS
            rows = kind & enough[code]
            wrong = truth[rows, column] != labelled[rows, column]
            if enough.sum() < 2 or not wrong.any() or wrong.all():
                continue
            _, model = np.unique(code[rows], return_inverse=True)
            p_value = _p_value(wrong, model, _strata(model, clusters[rows]), permutations, rng)
            rates = np.bincount(model, weights=wrong) / np.bincount(model)
            tests.append((value, error, dict(zip(names[enough].tolist(), rates.tolist(), strict=True)), p_value))
    adjusted = q_values([p_value for *_, p_value in tests])
    return tuple(
        ErrorDifference(value=value, error=error, rates=rates, p_value=p_value, q_value=float(q_value))
        for (value, error, rates, p_value), q_value in zip(tests, adjusted, strict=True)
    )


def _strata(model: Ints, clusters: Ints) -> Ints:
    """What to permute within: the clusters where most rows have another model beside them there, else everything."""
    _, cluster = np.unique(clusters, return_inverse=True)
    size = np.bincount(cluster)
    pairs = np.unique(np.stack([cluster, model]), axis=1)
    several = np.bincount(pairs[0], minlength=len(size)) > 1
    return cluster if size[several].sum() * 2 > len(model) else np.zeros_like(cluster)


def _p_value(wrong: Bools, model: Ints, strata: Ints, permutations: int, rng: np.random.Generator) -> float:
    order = np.argsort(strata, kind="stable")
    wrong = wrong[order]
    model = model[order]
    strata = strata[order]
    indicator = np.eye(int(model.max()) + 1)[model]
    observed, at_least = float(_chi_square(wrong[None], indicator)[0]), 0
    step = max(1, _CHUNK // len(wrong))
    for start in range(0, permutations, step):
        keys = strata + rng.random((min(step, permutations - start), len(wrong)))
        permuted = wrong[np.argsort(keys, axis=1)]
        at_least += int((_chi_square(permuted, indicator) >= observed - 1e-9).sum())
    return (1 + at_least) / (1 + permutations)


def _chi_square(wrong: Bools, indicator: Floats) -> Floats:
    """Pearson's chi-square (B,) of errors ``wrong`` (B, n) by model; ``indicator`` (n, models)."""
    rows = indicator.sum(axis=0)
    rate = wrong.mean(axis=1, keepdims=True)
    return np.asarray((np.square(wrong @ indicator - rows * rate) / (rows * rate * (1 - rate))).sum(axis=1))
