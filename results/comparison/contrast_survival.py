"""Which contrasts between models survive from one folder to another, and which have changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from ...evaluation.divergence.expressions import Ints
from ...evaluation.models.contrast_changes import ContrastChanges, independent_changes, paired_changes
from ...evaluation.models.contrasts import DIFFERENT, contrasts
from ..answer_arrays import AnswerArrays
from ..finite import figure, known
from ..judges.judge_limits import judge_limits, unmeasurable
from ..models.profile_results import compared_contrasts
from ..result_types import ContrastVerdict
from .compared_folder import rates_of
from .diff_types import ContrastSurvival, Survival


def findings(first: AnswerArrays, second: AnswerArrays, rows: Ints) -> tuple[tuple[ContrastSurvival, ...], bool]:
    """Each pair of models and value that both folders have; and whether the changes are on the same questions.

    ``rows`` (Q, 2) are the rows of the questions that are the same in both. Changes are paired where those are all that
    one of the folders has; otherwise each side keeps its own questions.
    """
    models = [model for model in first.models if model in second.models]
    values = [value for value in first.values if value in second.values]
    values = [value for value in values if value not in {*unmeasurable(first), *unmeasurable(second)}]
    paired = 0 < len(rows) == min(len(first.questions), len(second.questions))
    if len(models) < 2 or not values or not first.questions or not second.questions:
        return (), paired
    pairs = np.array(np.triu_indices(len(models), k=1), dtype=np.int64).T
    if paired:
        topics = first.topics[rows[:, 0]]
        then = rates_of(first, models, values=values, rows=rows[:, 0], topics=topics)
        now = rates_of(second, models, values=values, rows=rows[:, 1], topics=topics)
        changes = paired_changes(then, now, pairs)
    else:
        changes = independent_changes(*(contrasts(rates_of(each, models, values=values)) for each in (first, second)))
    ours, theirs = _own_contrasts(first), _own_contrasts(second)
    records = []
    for row, (one, other) in enumerate(pairs.tolist()):
        for column, value in enumerate(values):
            key = models[one], models[other], value
            records.append(_finding(key, ours, theirs, changes, (row, column)))
    return tuple(records), paired


def _finding(
    key: tuple[str, str, str],
    ours: dict[tuple[str, str, str], _OwnContrast],
    theirs: dict[tuple[str, str, str], _OwnContrast],
    changes: ContrastChanges,
    at: tuple[int, int],
) -> ContrastSurvival:
    before, after = ours[key], theirs[key]
    significant = bool(changes.significant[at])
    return ContrastSurvival(
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
        change_shown=significant,
        alike=before == after or bool(np.array_equal(before.figures, after.figures, equal_nan=True)),
        became=became(
            before.verdict,
            after.verdict,
            same_way=before.figures[0] * after.figures[0] > 0,
            gone=significant and _gone(before.figures[0], after.figures, float(changes.change[at])),
        ),
    )


def became(first: str, second: str, *, same_way: bool, gone: bool) -> Survival:
    """What became of a finding; see ``diff_types.Survival``. ``gone``: a change away from it is shown.

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
class _OwnContrast:
    """A contrast as one folder's own report has it: estimate, low and high; the verdict."""

    figures: tuple[float, float, float]
    verdict: ContrastVerdict


def _own_contrasts(evaluated: AnswerArrays) -> dict[tuple[str, str, str], _OwnContrast]:
    """By model, other model and value, both ways round: the other folder may list its models in another order.

    Differences as observed, so that those of two judges are on one scale as far as can be; verdicts as reported.
    """
    table = {}
    measured = rates_of(evaluated, evaluated.models)
    found = compared_contrasts(evaluated, measured, judge_limits(evaluated, measured))
    result, differences = found.contrasts, found.observed
    for row, (one, other) in enumerate(result.pairs.tolist()):
        for column, value in enumerate(found.values):
            ends = differences.difference, differences.low, differences.high
            estimate, low, high = (float(each[row, column]) for each in ends)
            verdict = cast(ContrastVerdict, str(result.verdict[row, column]))
            model, against = evaluated.models[one], evaluated.models[other]
            table[model, against, value] = _OwnContrast((estimate, low, high), verdict)
            table[against, model, value] = _OwnContrast((-estimate, -high, -low), verdict)
    return table
