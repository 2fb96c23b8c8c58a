"""Profiles, contrasts and refusals of an evaluation, as records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from ...evaluation.judges.rate_correction import corrected_differences, corrected_rate
from ...evaluation.models.contrasts import (
    ALIKE,
    DIFFERENT,
    UNSETTLED,
    Contrasts,
    PairedDifferences,
    contrast_verdicts,
    contrasts,
)
from ...evaluation.models.measurements import Measurements
from ...evaluation.models.profiles import profiles
from ...evaluation.models.refusal_rates import WorstCases, refusal_measurements, worst_cases
from ..answer_arrays import AnswerArrays
from ..finite import figure, known
from ..judges.corrections import correction_of
from ..judges.judge_limits import JudgeLimits
from ..result_types import REFUSAL, Contrast, ContrastTable, ContrastVerdict, ModelProfile, ValueRate, WorstCase


def model_profiles(evaluated: AnswerArrays, measured: Measurements, limits: JudgeLimits) -> tuple[ModelProfile, ...]:
    """Every model's rates, with the bounds that its refusals leave, and corrected where the limits allow it."""
    estimates = profiles(measured)
    declined = profiles(refusal_measurements(evaluated.answered, evaluated.refused, evaluated.topics)).rates
    worst = worst_cases(evaluated.expressed, evaluated.answered, evaluated.refused, evaluated.topics)
    refuses = [bool(evaluated.refused[:, model].any()) for model in range(len(evaluated.models))]

    correction = correction_of(evaluated, measured, limits)
    means = (
        estimates.rates
        if correction is None or correction.measured is measured
        else profiles(correction.measured).rates
    )

    def value_rate(model: int, value: int) -> ValueRate:
        at = model, value
        rate = figure(estimates.rates.mean[at], estimates.rates.low[at], estimates.rates.high[at])
        adjustment = None if correction is None else correction.adjustments.get(evaluated.values[value])
        mean = figure(means.mean[at], means.low[at], means.high[at])
        return ValueRate(
            rate=rate,
            corrected=None if mean is None or adjustment is None else corrected_rate(mean, adjustment),
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


def value_contrasts(evaluated: AnswerArrays, measured: Measurements, limits: JudgeLimits) -> ContrastTable:
    """Which models differ on which of the values that are compared, corrected where the limits allow it."""
    compared = compared_contrasts(evaluated, measured, limits)
    return contrast_table(
        compared.contrasts, evaluated.models, compared.values, observed=compared.observed, left_out=limits.saturated
    )


@dataclass(frozen=True)
class ComparedContrasts:
    """Contrasts (P, d) on the ``values`` (d,) that the judge can measure, and their differences as ``observed``.

    Saturated values are among them with a p-value of 1. Chance lifts a model's rate out of saturation where it also
    makes a difference: were such values not counted among the tests, more false alarms would pass.
    """

    contrasts: Contrasts
    observed: PairedDifferences
    values: tuple[str, ...]


def compared_contrasts(evaluated: AnswerArrays, measured: Measurements, limits: JudgeLimits) -> ComparedContrasts:
    """See ``ComparedContrasts``; corrected for the judge's errors where the limits allow it."""
    values = tuple(value for value in evaluated.values if value not in limits.unmeasurable)
    columns = [evaluated.values.index(value) for value in values]
    result = contrasts(replace(measured, rates=measured.rates[..., columns]))
    observed = differences = result.differences
    if (correction := correction_of(evaluated, measured, limits)) is not None:
        means = correction.measured
        if means is not measured:
            differences = contrasts(replace(means, rates=means.rates[..., columns])).differences
        differences = corrected_differences(differences, [correction.adjustments[value].separation for value in values])
    extreme = np.array([value in limits.saturated for value in values], dtype=bool)
    p_value = np.where(extreme & ~np.isnan(differences.p_value), 1.0, differences.p_value)
    return ComparedContrasts(contrast_verdicts(replace(differences, p_value=p_value), result.pairs), observed, values)


def refusal_contrasts(evaluated: AnswerArrays) -> ContrastTable:
    """Which models refuse more than others; false discoveries are controlled among these contrasts alone."""
    result = contrasts(refusal_measurements(evaluated.answered, evaluated.refused, evaluated.topics))
    return contrast_table(result, evaluated.models, (REFUSAL,))


def _worst_case(worst: WorstCases, at: tuple[int, int]) -> WorstCase | None:
    bounds = figure(worst.least[at], worst.low[at], worst.high[at])
    if bounds is None:
        return None
    return WorstCase(least=bounds.estimate, most=float(worst.most[at]), interval=bounds.interval)


def contrast_table(
    result: Contrasts,
    models: Sequence[str],
    values: Sequence[str],
    *,
    observed: PairedDifferences | None = None,
    left_out: Sequence[str] = (),
) -> ContrastTable:
    """All pairs x values as records, and how many came out how.

    ``observed`` are the differences as the judge sees them, where those of ``result`` are corrected for its errors;
    values ``left_out`` have no record.
    """
    differences = result.differences
    observed = differences if observed is None else observed
    records = []
    for row, (first, second) in enumerate(result.pairs.tolist()):
        for column, value in enumerate(values):
            if value in left_out:
                continue
            at = row, column
            more = known(result.more_questions[at])
            records.append(
                Contrast(
                    first=models[first],
                    second=models[second],
                    value=value,
                    difference=figure(differences.difference[at], result.low[at], result.high[at]),
                    observed=figure(observed.difference[at], observed.low[at], observed.high[at]),
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
        tested=int((~np.isnan(result.q_value)).sum()),
        margin=result.margin,
        selected_level=result.selected_level,
        more_questions=round(float(np.median(needed))) if needed else None,
    )
