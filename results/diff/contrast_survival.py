"""Which contrasts between models survive from one folder to another, and which have changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from ...evaluation.divergence.expressions import Ints
from ...evaluation.models.contrast_changes import ContrastChanges, independent_changes, paired_changes
from ...evaluation.models.contrasts import DIFFERENT, Contrasts, contrasts
from ...evaluation.models.measurements import Measurements, measure
from ..answer_arrays import Evaluated
from ..finite import figure, known
from ..result_types import Verdict
from .diff_types import Became, Finding


@dataclass(frozen=True)
class _Side:
    """One folder's contrasts, with the verdicts that its own report gives."""

    measured: Measurements
    found: Contrasts


def findings(first: Evaluated, second: Evaluated, rows: Ints) -> tuple[tuple[Finding, ...], bool]:
    """Each pair of models and value that both folders have; and whether the changes are on the same questions.

    ``rows`` (Q, 2) are the rows of the questions that are the same in both. Changes are paired where those are all that
    one of the folders has; otherwise each side keeps its own questions.
    """
    models = [model for model in first.models if model in second.models]
    values = [value for value in first.values if value in second.values]
    paired = 0 < len(rows) == min(len(first.questions), len(second.questions))
    if len(models) < 2 or not values or not first.questions or not second.questions:
        return (), paired
    pairs = np.array(np.triu_indices(len(models), k=1), dtype=np.int64).T
    sides = [_side(each) for each in (first, second)]
    shared = [_only(side.measured, each, models, values) for side, each in zip(sides, (first, second), strict=True)]
    if paired:
        topics = first.topics[rows[:, 0]]
        then, now = (_ordered(each, rows[:, side], topics) for side, each in enumerate(shared))
        changes = paired_changes(then, now, pairs)
    else:
        changes = independent_changes(*map(contrasts, shared))
    ours, theirs = (_table(side, each) for side, each in zip(sides, (first, second), strict=True))
    records = []
    for row, (one, other) in enumerate(pairs.tolist()):
        for column, value in enumerate(values):
            key = models[one], models[other], value
            records.append(_finding(key, ours, theirs, changes, (row, column)))
    return tuple(records), paired


def _finding(
    key: tuple[str, str, str],
    ours: dict[tuple[str, str, str], _Told],
    theirs: dict[tuple[str, str, str], _Told],
    changes: ContrastChanges,
    at: tuple[int, int],
) -> Finding:
    before, after = ours[key], theirs[key]
    shown = bool(changes.shown[at])
    return Finding(
        model=key[0],
        other=key[1],
        value=key[2],
        first=figure(*before.figures),
        first_verdict=before.verdict,
        second=figure(*after.figures),
        second_verdict=after.verdict,
        change=figure(changes.change[at], changes.low[at], changes.high[at]),
        p_value=known(changes.p_value[at]),
        q_value=known(changes.q_value[at]),
        change_shown=shown,
        alike=before == after or bool(np.array_equal(before.figures, after.figures, equal_nan=True)),
        became=became(
            before.verdict,
            after.verdict,
            same_way=before.figures[0] * after.figures[0] > 0,
            gone=shown and _gone(before.figures[0], after.figures, float(changes.change[at])),
        ),
    )


def became(first: str, second: str, *, same_way: bool, gone: bool) -> Became:
    """What became of a finding; see ``diff_records.Became``. ``gone``: a change away from it is shown.

    That the second alone cannot tell two models apart, or finds them alike, is no change: fresh answers of the very
    same models do so by chance (Gelman and Stern 2006).
    """
    if first != DIFFERENT:
        return "new" if second == DIFFERENT else "none"
    if second == DIFFERENT:
        return "survives" if same_way else "reversed"
    return "lost" if gone else "open"


def _gone(before: float, after: tuple[float, float, float], change: float) -> bool:
    """Whether a change leads away from the first difference, and what is left of it may be nothing."""
    _, low, high = after
    still_there = (low > 0 and before > 0) or (high < 0 and before < 0)
    return change * before < 0 and not still_there


@dataclass(frozen=True)
class _Told:
    """A contrast as one folder's own report tells it: estimate, low and high; the verdict."""

    figures: tuple[float, float, float]
    verdict: Verdict


def _side(evaluated: Evaluated) -> _Side:
    measured = measure(evaluated.expressed, evaluated.answered, evaluated.topics)
    return _Side(measured, contrasts(measured))


def _only(measured: Measurements, evaluated: Evaluated, models: Sequence[str], values: Sequence[str]) -> Measurements:
    places = [evaluated.models.index(model) for model in models]
    columns = [evaluated.values.index(value) for value in values]
    return Measurements(measured.rates[:, places][..., columns], measured.answers[:, places], measured.topics)


def _ordered(measured: Measurements, rows: Ints, topics: Ints) -> Measurements:
    return Measurements(measured.rates[rows], measured.answers[rows], topics)


def _table(side: _Side, evaluated: Evaluated) -> dict[tuple[str, str, str], _Told]:
    """By model, other model and value, both ways round: the other folder may list its models in another order."""
    table = {}
    found = side.found.differences
    for row, (one, other) in enumerate(side.found.pairs.tolist()):
        for column, value in enumerate(evaluated.values):
            estimate, low, high = (float(each[row, column]) for each in (found.difference, found.low, found.high))
            verdict = cast(Verdict, str(side.found.verdict[row, column]))
            model, against = evaluated.models[one], evaluated.models[other]
            table[model, against, value] = _Told((estimate, low, high), verdict)
            table[against, model, value] = _Told((-estimate, -high, -low), verdict)
    return table
