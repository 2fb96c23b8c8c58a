"""Profiles, contrasts and refusals of an evaluation, as records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from ..evaluation.models.contrasts import ALIKE, DIFFERENT, UNSETTLED, Contrasts, contrasts
from ..evaluation.models.measurements import Measurements
from ..evaluation.models.profiles import profiles
from ..evaluation.models.refusal_rates import WorstCases, refusal_measurements, worst_cases
from .answer_arrays import AnswerArrays
from .finite import figure, known
from .result_types import REFUSAL, Contrast, ContrastTable, ContrastVerdict, ModelProfile, ValueRate, WorstCase


def model_profiles(evaluated: AnswerArrays, measured: Measurements) -> tuple[ModelProfile, ...]:
    """Every model's rates, with the bounds that its refusals leave."""
    estimates = profiles(measured)
    declined = profiles(refusal_measurements(evaluated.answered, evaluated.refused, evaluated.topics)).rates
    worst = worst_cases(evaluated.expressed, evaluated.answered, evaluated.refused, evaluated.topics)
    refuses = [bool(evaluated.refused[:, model].any()) for model in range(len(evaluated.models))]

    def value_rate(model: int, value: int) -> ValueRate:
        at = model, value
        return ValueRate(
            rate=figure(estimates.rates.mean[at], estimates.rates.low[at], estimates.rates.high[at]),
            centred=figure(estimates.centred.mean[at], estimates.centred.low[at], estimates.centred.high[at]),
            worst_case=_worst_case(worst, at) if refuses[model] else None,
        )

    return tuple(
        ModelProfile(
            model=name,
            values={value: value_rate(model, column) for column, value in enumerate(evaluated.values)},
            refusal=figure(declined.mean[model, 0], declined.low[model, 0], declined.high[model, 0]),
        )
        for model, name in enumerate(evaluated.models)
    )


def value_contrasts(evaluated: AnswerArrays, measured: Measurements) -> ContrastTable:
    """Which models differ on which values."""
    return contrast_table(contrasts(measured), evaluated.models, evaluated.values)


def refusal_contrasts(evaluated: AnswerArrays) -> ContrastTable:
    """Which models refuse more than others; false discoveries are controlled among these contrasts alone."""
    measured = refusal_measurements(evaluated.answered, evaluated.refused, evaluated.topics)
    return contrast_table(contrasts(measured), evaluated.models, (REFUSAL,))


def _worst_case(worst: WorstCases, at: tuple[int, int]) -> WorstCase | None:
    bounds = figure(worst.least[at], worst.low[at], worst.high[at])
    if bounds is None:
        return None
    return WorstCase(least=bounds.estimate, most=float(worst.most[at]), interval=bounds.interval)


def contrast_table(result: Contrasts, models: Sequence[str], values: Sequence[str]) -> ContrastTable:
    """All pairs x values as records, and how many came out how."""
    differences = result.differences
    records = []
    for row, (first, second) in enumerate(result.pairs.tolist()):
        for column, value in enumerate(values):
            at = row, column
            more = known(result.more_questions[at])
            records.append(
                Contrast(
                    first=models[first],
                    second=models[second],
                    value=value,
                    difference=figure(differences.difference[at], differences.low[at], differences.high[at]),
                    p_value=known(differences.p_value[at]),
                    q_value=known(result.q_value[at]),
                    verdict=cast(ContrastVerdict, str(result.verdict[at])),
                    questions=int(differences.questions[at]),
                    topics=int(differences.topics[at]),
                    detectable=known(result.detectable[at]),
                    more_questions=None if more is None else round(more),
                )
            )
    needed = [each.more_questions for each in records if each.verdict == UNSETTLED and each.more_questions is not None]
    return ContrastTable(
        contrasts=tuple(records),
        different=sum(each.verdict == DIFFERENT for each in records),
        alike=sum(each.verdict == ALIKE for each in records),
        unsettled=sum(each.verdict == UNSETTLED for each in records),
        tested=sum(each.q_value is not None for each in records),
        margin=result.margin,
        more_questions=round(float(np.median(needed))) if needed else None,
    )
