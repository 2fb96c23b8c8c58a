"""What is to be said of the questions: how far each separates the models, and how varied they are as text."""

from __future__ import annotations

import numpy as np

from ..domain.accuracy import Figure
from ..evaluation.averages import average
from ..evaluation.divergence import LEVEL, DivergenceEstimate, estimate_divergence
from ..evaluation.expressions import Bools, counted_models
from ..evaluation.multiplicity import q_values
from ..evaluation.text_quality import TextQuality, beside
from .comparison import estimate
from .evaluated import Evaluated
from .numbers import known
from .result_records import Divergences, QuestionDivergence, TextComparison, TextFigures

PERMUTATIONS = 999
FEWER_PERMUTATIONS = 199
MANY_QUESTIONS = 500
"""With more questions each is tested on fewer permutations, for time."""


def divergences(evaluated: Evaluated, rng: np.random.Generator) -> Divergences:
    """Every question's divergence, tested."""
    expressed = evaluated.expressed
    found = [_estimate(evaluated, expressed, row, rng) for row in range(len(evaluated.questions))]
    counts = [int(counted_models(answered).sum()) for answered in evaluated.answered]
    q = q_values([np.nan if each is None or each.p_value is None else each.p_value for each in found])
    # Scores of different K are not compared: those of most models enter the mean.
    most = max(counts, default=0)
    scored = [row for row, each in enumerate(found) if each is not None and counts[row] == most]
    records = [
        QuestionDivergence(
            id=question.id,
            topic=question.topic,
            text=question.text,
            divergence=None if each is None else Figure(estimate=each.divergence, interval=each.interval),
            p_value=None if each is None else each.p_value,
            q_value=known(q[row]),
            models=counts[row],
        )
        for row, (question, each) in enumerate(zip(evaluated.questions, found, strict=True))
    ]
    return Divergences(
        questions=tuple(sorted(records, key=_order)),
        mean=estimate(average([_score(found[row]) for row in scored], evaluated.topics[scored], rng))
        if scored
        else None,
        separating=int((q <= LEVEL).sum()),
        tested=int((~np.isnan(q)).sum()),
        unscored=sum(each is None for each in found),
    )


def text_comparison(evaluated: Evaluated, rng: np.random.Generator) -> TextComparison | None:
    """The questions as texts beside the framework's seed topics; None where these are the seeds, or with one text."""
    seeds = [topic.text for topic in evaluated.manifest.framework.topics]
    texts = [question.text for question in evaluated.questions]
    if min(len(texts), len(seeds)) < 2 or set(texts) <= set(seeds):
        return None
    mine, theirs = beside(texts, seeds, rng)
    return TextComparison(questions=_figures(mine), seeds=_figures(theirs))


def _estimate(evaluated: Evaluated, expressed: Bools, row: int, rng: np.random.Generator) -> DivergenceEstimate | None:
    if counted_models(evaluated.answered[row]).sum() < 2:
        return None
    return estimate_divergence(
        expressed[row],
        evaluated.answered[row],
        permutations=PERMUTATIONS if len(evaluated.questions) <= MANY_QUESTIONS else FEWER_PERMUTATIONS,
        rng=rng,
        strata=evaluated.wording[row] if len(evaluated.wordings) > 1 else None,
    )


def _score(found: DivergenceEstimate | None) -> float:
    return float("nan") if found is None else found.divergence


def _order(record: QuestionDivergence) -> float:
    return float("inf") if record.divergence is None else -record.divergence.estimate


def _figures(found: TextQuality) -> TextFigures:
    return TextFigures(
        count=found.count, words=found.words, self_bleu=found.self_bleu, distinct_pairs=found.distinct_pairs
    )
