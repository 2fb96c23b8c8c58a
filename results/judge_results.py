"""What is known of the judge in one run: the jurors' agreement, and rates corrected by its measured errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..domain.critique import Critique
from ..domain.judge_accuracy import Figure, JudgeAccuracy
from ..domain.judgement import Judgement
from ..domain.record import Record
from ..evaluation.divergence.quadratic import quadratic_by_value
from ..evaluation.judges.krippendorff import krippendorff_alpha
from ..evaluation.judges.rate_correction import corrected_quadratic, corrected_rate


class Agreement(Record):
    """Krippendorff's alpha for each value over answers, None where all labels are alike; ``jurors`` by name."""

    jurors: tuple[str, ...]
    answers: int
    alpha: dict[str, float | None]


class Correction(Record):
    """Corrected rates, by member and value, None for a value that the judge cannot measure.

    ``problem`` says why nothing is corrected, or is empty. ``quadratic`` is the mean G of the confirmed questions over
    the values that can be measured, as observed and divided by J squared. D is not corrected: it stays attenuated.
    """

    problem: str
    unmeasurable: tuple[str, ...]
    rates: dict[str, dict[str, Figure | None]]
    quadratic: float | None
    quadratic_corrected: float | None


def agreement(judgements: Iterable[Judgement], value_ids: Sequence[str]) -> Agreement | None:
    """The agreement of the jurors of all judgements; None when no jury sat. Values are compared answer by answer."""
    sittings = [judgement.votes for judgement in judgements if judgement.votes]
    if not sittings:
        return None
    jurors = sorted({juror for votes in sittings for juror in votes})
    codes = np.zeros((len(jurors), len(sittings), len(value_ids)), dtype=bool)
    present = np.zeros(codes.shape[:2], dtype=bool)
    for unit, votes in enumerate(sittings):
        for juror, labels in votes.items():
            place = jurors.index(juror), unit
            present[place] = True
            labelled = {label.value for label in labels}
            codes[place] = [value in labelled for value in value_ids]
    alphas = krippendorff_alpha(codes, present)
    return Agreement(
        jurors=tuple(jurors),
        answers=int((present.sum(axis=0) >= 2).sum()),
        alpha={
            value: None if np.isnan(alpha) else float(alpha) for value, alpha in zip(value_ids, alphas, strict=True)
        },
    )


def correction(
    accuracy: JudgeAccuracy,
    observed: Mapping[str, Mapping[str, Figure]],
    key_points: Counter[int],
    critiques: Iterable[Critique],
) -> Correction:
    """The correction of ``observed`` rates by member and value; ``key_points`` counts the judged answers by theirs.

    Sensitivity and specificity hold for what they were measured on: with three key points a judge has three chances to
    find a value, so figures from single texts correct no answers of three.
    """
    problem = ""
    if accuracy.key_points == 0 or set(key_points) - {accuracy.key_points}:
        measured = accuracy.key_points or "a varying number of"
        have = ", ".join(str(count) for count in sorted(key_points))
        problem = f"measured on texts of {measured} key points, and these answers have {have}"
    elif len(accuracy.unmeasurable) == len(accuracy.values):
        problem = "this judge cannot measure any of the values"
    if problem:
        return Correction(
            problem=problem, unmeasurable=accuracy.unmeasurable, rates={}, quadratic=None, quadratic_corrected=None
        )
    measurable = np.array([each.measurable for each in accuracy.values.values()])
    youden = np.array(
        [
            value_accuracy.youden.estimate if value_accuracy.youden else np.nan
            for value_accuracy in accuracy.values.values()
        ]
    )
    scores = [quadratic_by_value(each.rates, each.samples) for each in critiques if each.score is not None]
    return Correction(
        problem="",
        unmeasurable=accuracy.unmeasurable,
        rates={
            member: {value: corrected_rate(rate, accuracy.values[value]) for value, rate in rates.items()}
            for member, rates in observed.items()
        },
        quadratic=float(np.mean([score[measurable].mean() for score in scores])) if scores else None,
        quadratic_corrected=float(np.mean([corrected_quadratic(score, youden, measurable) for score in scores]))
        if scores
        else None,
    )
