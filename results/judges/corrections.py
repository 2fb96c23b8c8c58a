"""What rates and differences are corrected from, and by what: the judge's labels, or its probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...evaluation.judges.rate_correction import Adjustment, label_adjustment, probability_adjustment
from ...evaluation.models.measurements import Measurements, measure_probabilities
from ..answer_arrays import AnswerArrays
from .judge_limits import JudgeLimits, measurable


@dataclass(frozen=True)
class Correction:
    """The rates to correct, ``measured`` by labels or by probabilities, and each measurable value's adjustment."""

    measured: Measurements
    adjustments: Mapping[str, Adjustment]


def correction_of(evaluated: AnswerArrays, measured: Measurements, limits: JudgeLimits) -> Correction | None:
    """As ``limits`` say, of rates that are ``measured`` by labels; None where nothing is corrected."""
    if not limits.corrected:
        return None
    known = measurable(evaluated.manifest.judge_accuracy)
    adjustment = label_adjustment
    if limits.by == "probabilities" and evaluated.probabilities is not None:
        measured = measure_probabilities(evaluated.probabilities, evaluated.answered, evaluated.topics)
        adjustment = probability_adjustment
    each = {value: adjustment(accuracy) for value, accuracy in known.items()}
    return Correction(measured, {value: one for value, one in each.items() if one is not None})
