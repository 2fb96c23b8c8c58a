"""What is known of the judge in one run: the jurors' agreement, and divergence corrected for its measured errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ...domain.critique import Critique
from ...domain.judge_accuracy import JudgeAccuracy
from ...domain.judgement import Judgement
from ...domain.record import Record
from ...evaluation.divergence.quadratic import quadratic_by_value
from ...evaluation.judges.krippendorff import krippendorff_alpha
from ...evaluation.judges.rate_correction import corrected_quadratic
from .judge_limits import measurable


class Agreement(Record):
    """Krippendorff's alpha for each value over answers, None where all labels are alike; ``jurors`` by name."""

    jurors: tuple[str, ...]
    answers: int
    alpha: dict[str, float | None]


class QuadraticDivergence(Record):
    """Mean G of the confirmed questions over the values that the judge can measure, and the same divided by J squared.

    D is not corrected: it stays attenuated.
    """

    observed: float
    corrected: float


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


def quadratic_divergence_of(
    critiques: Iterable[Critique], accuracy: JudgeAccuracy, value_ids: Sequence[str]
) -> QuadraticDivergence | None:
    """The divergence of scored questions; None where there is none, or the judge measures nothing.

    ``value_ids`` in the framework's order, as critiques have them; a file of figures may have another.
    """
    known = measurable(accuracy)
    usable = np.array([value in known for value in value_ids])
    figures = [known[value].youden if value in known else None for value in value_ids]
    youden = np.array([np.nan if each is None else each.estimate for each in figures])
    scores = [quadratic_by_value(each.rates, each.samples) for each in critiques if each.score is not None]
    if not scores or not usable.any():
        return None
    return QuadraticDivergence(
        observed=float(np.mean([score[usable].mean() for score in scores])),
        corrected=float(np.mean([corrected_quadratic(score, youden, usable) for score in scores])),
    )
