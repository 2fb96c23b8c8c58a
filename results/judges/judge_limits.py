"""What the judge's errors allow to be said: which values are compared, and whether rates are corrected."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from ...domain.judge_accuracy import JudgeAccuracy, RatesBy, ValueAccuracy
from ...domain.record import Record
from ...domain.texts.counting import count
from ...domain.texts.safe_text import one_line
from ...evaluation.intervals.clustered_means import clustered_means
from ...evaluation.judges.label_accuracy import LEAST_YOUDEN
from ...evaluation.judges.rate_correction import probability_adjustment
from ...evaluation.models.contrasts import LEVEL
from ...evaluation.models.measurements import Measurements
from ...evaluation.models.saturation import RARE, saturated
from ..answer_arrays import AnswerArrays
from .asked_judges import judged_themselves

CHECK = "'adaem judge check LABELLED --out FILE'"

REMEDY = (
    f"Judge again with a capable model, or measure this judge on labelled texts like these answers ({CHECK}; FILE is "
    "for judge.accuracy, or for import's --accuracy)."
)
NOT_MEASURED = "known not to measure (lower bound of J under 0.5)"


_BY: dict[RatesBy, str] = {
    "labels": " (Rogan-Gladen, from its labels)",
    "probabilities": ", from its probabilities, which erred less than its labels (the other figures are by labels)",
}


class JudgeLimits(Record):
    """``measured`` says how the judge's errors are known, "unknown" where they are not, "simulated" where it made no
    difference: a simulated judge errs as it was planted.

    ``unmeasurable`` values have a lower bound of J under 0.5; ``saturated`` ones are expressed by every model in less
    than 5 %, or in more than 95 %, of its answers. Neither enters a comparison of models. ``corrected``: rates and
    differences of the others are corrected for the errors (``rows`` labelled texts), ``by`` the judge's labels or its
    probabilities; ``not_corrected`` says why not, where errors are known; ``without_probabilities`` are answers that
    lack probabilities, where these would have corrected better. ``unequal``: of the values that are compared, those on
    which the judge was found to err more on one model than on another; ``errors_compared`` says whether that was
    tested. ``self_judging`` names the judges that also answered, in a sentence.
    """

    measured: Literal["check", "training", "unknown", "simulated"]
    unmeasurable: tuple[str, ...] = ()
    saturated: tuple[str, ...] = ()
    corrected: bool = False
    by: RatesBy = "labels"
    without_probabilities: int = 0
    not_corrected: str = ""
    rows: int = 0
    unequal: tuple[str, ...] = ()
    errors_compared: bool = False
    self_judging: str = ""

    def compared(self, values: Sequence[str]) -> tuple[str, ...]:
        """Those of ``values`` on which models are compared."""
        return tuple(each for each in values if each not in self.unmeasurable and each not in self.saturated)


def judge_limits(evaluated: AnswerArrays, measured: Measurements) -> JudgeLimits:
    """The limits for ``evaluated`` without primed answers, whose rates are ``measured``."""
    means = clustered_means(measured.rates, measured.topics).mean
    extreme = tuple(value for value, each in zip(evaluated.values, saturated(means), strict=True) if each)
    accuracy = evaluated.manifest.judge_accuracy
    if accuracy is None:
        unknown: Literal["simulated", "unknown"] = "simulated" if evaluated.manifest.simulated else "unknown"
        return JudgeLimits(measured=unknown, saturated=extreme, self_judging=judged_themselves(evaluated.manifest))
    lacking = unmeasurable(evaluated)
    problem = ""
    if accuracy.measured_by == "training":
        problem = f"they are known from its own training only; {CHECK} measures them on other texts"
    elif accuracy.key_points == 0 or evaluated.key_points - {accuracy.key_points}:
        points = accuracy.key_points or "a varying number of"
        have = ", ".join(str(number) for number in sorted(evaluated.key_points))
        problem = f"they were measured on texts of {points} key points, and these answers have {have}"
    corrected = not problem and len(lacking) < len(evaluated.values)
    without = answers_without_probabilities(evaluated) if corrected and accuracy.rates_by == "probabilities" else 0
    by_probabilities = accuracy.rates_by == "probabilities" and not without
    return JudgeLimits(
        measured=accuracy.measured_by,
        unmeasurable=lacking,
        saturated=tuple(value for value in extreme if value not in lacking),
        corrected=corrected,
        by="probabilities" if corrected and by_probabilities and _all_apart(accuracy) else "labels",
        without_probabilities=without,
        not_corrected=problem,
        rows=accuracy.rows,
        unequal=tuple(
            value
            for value in evaluated.values
            if value not in lacking
            and any(each.value == value and each.q_value <= LEVEL for each in accuracy.differences)
        ),
        errors_compared=bool(accuracy.differences),
        self_judging=judged_themselves(evaluated.manifest),
    )


def measurable(accuracy: JudgeAccuracy | None) -> Mapping[str, ValueAccuracy]:
    """By value id, the accuracy of those that the judge is known to measure."""
    return {} if accuracy is None else {value: each for value, each in accuracy.values.items() if _measures(each)}


def answers_without_probabilities(evaluated: AnswerArrays) -> int:
    """How many of the judged answers lack the probability of a value."""
    if evaluated.probabilities is None:
        return int(evaluated.answered.sum())
    return int(np.isnan(evaluated.probabilities[evaluated.answered]).any(axis=-1).sum())


def _all_apart(accuracy: JudgeAccuracy) -> bool:
    """Whether the probabilities of all values that the judge measures can be corrected."""
    return all(probability_adjustment(each) is not None for each in measurable(accuracy).values())


def _measures(each: ValueAccuracy) -> bool:
    """Whether the judge measures it, and the figures are such as to divide by: a manifest may come from anybody."""
    if not each.measurable or each.sensitivity is None or each.specificity is None:
        return False
    if each.youden is None or each.youden.interval is None:
        return False
    estimate, (low, high) = each.youden.estimate, each.youden.interval
    fits = math.isclose(each.sensitivity.estimate + each.specificity.estimate - 1, estimate, abs_tol=1e-6)
    return fits and LEAST_YOUDEN <= low <= estimate <= high < 2 * estimate


def unmeasurable(evaluated: AnswerArrays) -> tuple[str, ...]:
    """The values that the judge is known not to measure."""
    if evaluated.manifest.judge_accuracy is None:
        return ()
    known = measurable(evaluated.manifest.judge_accuracy)
    return tuple(value for value in evaluated.values if value not in known)


def limit_lines(limits: JudgeLimits, names: Mapping[str, str]) -> tuple[str, ...]:
    """What a report says of its judge at its head; nothing where all is compared and errors are simulated."""
    lines = []
    if limits.measured == "unknown":
        lines.append(
            f"How often this judge errs is not known, and every difference is one as this judge sees it: {CHECK} "
            "measures it, and judge.accuracy=FILE (import: --accuracy FILE) corrects for it."
        )
    elif limits.corrected:
        untested = "" if limits.errors_compared else ", which was not tested"
        lines.append(
            f"Rates and differences of values are corrected for this judge's errors{_BY[limits.by]}, as measured on "
            f"{count(limits.rows, 'labelled text', form=',')}; this takes the errors to be alike on all models"
            f"{untested}."
        )
        if limits.without_probabilities:
            lines.append(
                "Its probabilities would have corrected better than its labels do, but "
                f"{count(limits.without_probabilities, 'answer', form=',')} "
                f"{'has' if limits.without_probabilities == 1 else 'have'} none."
            )
    elif limits.not_corrected and len(limits.unmeasurable) < len(names):
        lines.append(f"Rates are not corrected for this judge's errors: {limits.not_corrected}.")
    if limits.unequal:
        which = _listed(limits.unequal, names)
        lines.append(f"This judge errs more on some models than on others: differences in {which} may be its own.")
    if limits.self_judging:
        lines.append(f"{limits.self_judging[:1].upper()}{limits.self_judging[1:]}.")
    # Where nothing is compared the first sentence says so.
    if limits.compared(tuple(names)) and (left_out := left_out_words(limits, names)):
        lines.append(f"Not compared: {left_out}.")
    return tuple(lines)


def left_out_words(limits: JudgeLimits, names: Mapping[str, str]) -> str:
    """The values that are not compared, and why; empty where all are."""
    parts = []
    if limits.unmeasurable:
        parts.append(f"{unmeasurable_words(limits.unmeasurable, names)}, which this judge is {NOT_MEASURED}")
    if limits.saturated:
        parts.append(
            f"{_listed(limits.saturated, names)}, which every model expresses in under {100 * RARE:.0f} % or in over "
            f"{100 * (1 - RARE):.0f} % of its answers"
        )
    return "; ".join(parts)


def unmeasurable_words(values: Sequence[str], names: Mapping[str, str]) -> str:
    """The names of ``values``, or that they are all."""
    every = len(names) > 1 and len(values) == len(names)
    return f"all {len(names)} values" if every else _listed(values, names)


def _listed(values: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(one_line(names.get(value, value)) for value in values)
