"""Whether a judge errs more on some models' texts than on others', and so fakes differences (METHOD.md section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    error x model. What is permuted are blocks, one model's rows of one cluster, since a judge that errs on one of them
    is likely to err on the next. Where most rows share a cluster with a row of another model (several models answered
    one question), models are permuted within clusters only. Values where fewer than two models have ``FEWEST_ROWS``
    rows, or no error was made, are left out. Measured in docs/STATISTICS.md: 2 to 7 % false alarms.
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
            p_value = _p_value(_blocks(wrong, model, clusters[rows]), permutations, rng)
            rates = np.bincount(model, weights=wrong) / np.bincount(model)
            tests.append((value, error, dict(zip(names[enough].tolist(), rates.tolist(), strict=True)), p_value))
    adjusted = q_values([p_value for *_, p_value in tests])
    return tuple(
        ErrorDifference(value=value, error=error, rates=rates, p_value=p_value, q_value=float(q_value))
        for (value, error, rates, p_value), q_value in zip(tests, adjusted, strict=True)
    )


@dataclass(frozen=True)
class _Blocks:
    """Each model's rows of each cluster, (n,) each: their errors, their number, and what to permute within."""

    wrong: Floats
    rows: Floats
    model: Ints
    stratum: Ints


def _blocks(wrong: Bools, model: Ints, clusters: Ints) -> _Blocks:
    """Permuted within clusters where most rows have another model beside them there, else over everything."""
    pairs, block = np.unique(np.stack([clusters, model]), axis=1, return_inverse=True)
    cluster = np.unique(pairs[0], return_inverse=True)[1]
    rows = np.bincount(block)
    several = np.bincount(cluster)[cluster] > 1
    crossed = rows[several].sum() * 2 > len(model)
    return _Blocks(
        wrong=np.bincount(block, weights=wrong.astype(np.float64)).astype(np.float64),
        rows=rows.astype(np.float64),
        model=pairs[1],
        stratum=cluster if crossed else np.zeros_like(cluster),
    )


def _p_value(blocks: _Blocks, permutations: int, rng: np.random.Generator) -> float:
    order = np.argsort(blocks.stratum, kind="stable")
    wrong, rows, stratum = blocks.wrong[order], blocks.rows[order], blocks.stratum[order]
    indicator = np.eye(int(blocks.model.max()) + 1)[blocks.model[order]]
    observed, at_least = float(_chi_square(wrong[None], rows[None], indicator)[0]), 0
    step = max(1, _CHUNK // len(wrong))
    for start in range(0, permutations, step):
        keys = stratum + rng.random((min(step, permutations - start), len(wrong)))
        permuted = np.argsort(keys, axis=1)
        at_least += int((_chi_square(wrong[permuted], rows[permuted], indicator) >= observed - 1e-9).sum())
    return (1 + at_least) / (1 + permutations)


def _chi_square(wrong: Floats, rows: Floats, indicator: Floats) -> Floats:
    """Pearson's chi-square (B,) of blocks with ``wrong`` of their ``rows`` (B, n); ``indicator`` (n, models)."""
    errors, size = wrong @ indicator, rows @ indicator
    rate = errors.sum(axis=1, keepdims=True) / size.sum(axis=1, keepdims=True)
    return np.asarray((np.square(errors - size * rate) / (size * rate * (1 - rate))).sum(axis=1))
