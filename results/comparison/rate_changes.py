"""One later evaluation beside the baseline, on the questions that both asked: rates, differences and divergence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...evaluation.divergence.d_star import estimate_divergence
from ...evaluation.divergence.entropy import Floats
from ...evaluation.divergence.expressions import Bools, Ints, counted_models
from ...evaluation.intervals.averages import average, average_difference
from ...evaluation.models.contrasts import PairedDifferences, paired_differences
from ..answer_arrays import AnswerArrays
from ..grown_and_seeds import estimate
from .compared_folder import rates_of
from .comparison_types import DivergenceChange


@dataclass(frozen=True)
class PairedRates:
    """Q anchors, P pairs (model of the later folder, model of the baseline), d values; rates are NaN without answers.

    shared        models that both asked
    pairs         each shared model with itself, then each new model with all of the baseline's
    before, after (P, d) mean rates over the anchors that both of a pair answered
    differences   (P, d) after minus before, paired by question, topics as the unit
    divergence    how far the shared models lie apart, then and now
    """

    shared: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    before: Floats
    after: Floats
    differences: PairedDifferences
    divergence: DivergenceChange


def paired_rates(
    name: str,
    baseline: AnswerArrays,
    later: AnswerArrays,
    rows: Ints,
    values: Sequence[str],
    rng: np.random.Generator,
) -> PairedRates:
    """``later``, called ``name``, beside ``baseline`` on ``values``.

    ``rows`` (Q, 2) are the anchors' rows in baseline and later. The divergence is over all values.
    """
    shared = tuple(model for model in later.models if model in baseline.models)
    new = [model for model in later.models if model not in baseline.models]
    pairs = (*((model, model) for model in shared), *((model, other) for model in new for other in baseline.models))
    topics = baseline.topics[rows[:, 0]]
    then = rates_of(baseline, [other for _, other in pairs], values=values, rows=rows[:, 0], topics=topics)
    now = rates_of(later, [model for model, _ in pairs], values=values, rows=rows[:, 1], topics=topics)
    both = (then.answers > 0) & (now.answers > 0)
    return PairedRates(
        shared=shared,
        pairs=pairs,
        before=_means(then.rates, both),
        after=_means(now.rates, both),
        differences=paired_differences(now.rates, then.rates, now.answers[..., None], then.answers[..., None], topics),
        divergence=_divergence(name, baseline, later, rows, shared, rng),
    )


def _answers(evaluated: AnswerArrays, rows: Ints, models: Sequence[str]) -> tuple[Bools, Bools]:
    """(Q, K, L, d) expressed and (Q, K, L) answered, for some questions and models."""
    columns = [evaluated.models.index(model) for model in models]
    return evaluated.expressed[rows][:, columns], evaluated.answered[rows][:, columns]


def _means(rates: Floats, both: Bools) -> Floats:
    counted = both.sum(axis=0)[:, None].astype(np.float64)
    total = np.where(both[..., None], rates, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, counted, out=np.full_like(total, np.nan), where=counted > 0))


def _divergence(
    name: str,
    baseline: AnswerArrays,
    later: AnswerArrays,
    rows: Ints,
    shared: tuple[str, ...],
    rng: np.random.Generator,
) -> DivergenceChange:
    nothing = DivergenceChange(folder=name, models=shared, before=None, after=None, change=None)
    if len(shared) < 2:
        return nothing
    answers = _answers(baseline, rows[:, 0], shared), _answers(later, rows[:, 1], shared)
    # Scores of different sets of models are not compared (METHOD.md section 2).
    then, now = (np.asarray(counted_models(answered).all(axis=1)) for _, answered in answers)
    usable: Bools = then & now
    if not usable.any():
        return nothing
    topics = baseline.topics[rows[usable, 0]]
    before, after = (
        [estimate_divergence(*each, permutations=None, rng=rng).divergence for each in zip(*side, strict=True)]
        for side in ((expressed[usable], answered[usable]) for expressed, answered in answers)
    )
    change = estimate(average_difference(after, topics, before, topics))
    return nothing.model_copy(
        update={
            "before": estimate(average(before, topics, rng)),
            "after": estimate(average(after, topics, rng)),
            "change": change.model_copy(update={"questions": len(before)}),
        }
    )
