"""What is to be said of the questions: how far each separates the models, and how varied they are as text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..domain.critique import MEASURE_DIVERGENCE, most_frequent
from ..domain.judge_accuracy import Figure
from ..evaluation.divergence.d_star import LEVEL, estimate_divergence
from ..evaluation.divergence.expressions import Bools, counted_models
from ..evaluation.intervals.averages import average
from ..evaluation.intervals.multiplicity import q_values
from ..evaluation.questions.text_quality import TextQuality, compare_texts
from .answer_arrays import AnswerArrays
from .finite import known, uncut_interval
from .grown_and_seeds import estimate
from .result_types import Divergences, QuestionDivergence, TextComparison, TextFigures

PERMUTATIONS = 999
FEWER_PERMUTATIONS = 199
MANY_QUESTIONS = 500
"""With more questions each is tested on fewer permutations, for time."""


def divergences(evaluated: AnswerArrays, tests: np.random.Generator, of_mean: np.random.Generator) -> Divergences:
    """Every question's divergence, tested; ``tests`` shuffles answers, ``of_mean`` resamples topics."""
    expressed = evaluated.expressed
    counted = [_counted(evaluated, row) for row in range(len(evaluated.questions))]
    estimates = [_estimate(evaluated, expressed, row, len(counted[row]), tests) for row in range(len(counted))]
    q = q_values([np.nan if each is None or each.p_value is None else each.p_value for each in estimates])
    # Scores of different models are not compared.
    common = most_frequent(models for models, each in zip(counted, estimates, strict=True) if each is not None)
    scores = {row: each.estimate for row, each in enumerate(estimates) if each is not None and counted[row] == common}
    records = [
        QuestionDivergence(
            id=question.id,
            topic=question.topic,
            text=question.text,
            divergence=None if each is None else Figure(estimate=each.estimate, interval=each.interval),
            p_value=None if each is None else each.p_value,
            q_value=known(q[row]),
            models=len(counted[row]),
        )
        for row, (question, each) in enumerate(zip(evaluated.questions, estimates, strict=True))
    ]
    mean = average(list(scores.values()), evaluated.topics[list(scores)], of_mean) if scores else None
    return Divergences(
        # Scores of other models come last.
        questions=tuple(
            records[row]
            for row in sorted(range(len(records)), key=lambda row: (row not in scores, _order(records[row])))
        ),
        mean=None if mean is None else estimate(mean),
        separating=int((q <= LEVEL).sum()),
        tested=int((~np.isnan(q)).sum()),
        unscored=sum(each is None for each in estimates),
        nothing=no_divergence(evaluated),
    )


def no_divergence(evaluated: AnswerArrays) -> str:
    """Why no divergence can be estimated from these answers; empty where one can."""
    if (counted_models(evaluated.answered).sum(axis=1) >= 2).any():
        return ""
    one = evaluated.answered.sum(axis=2).max(initial=0) <= 1
    why = "One answer a model and question" if one else "No question has two models with two answers"
    return f"{why}: no divergence and no distance can be estimated"


def text_comparison(evaluated: AnswerArrays, rng: np.random.Generator) -> TextComparison | None:
    """The questions as texts beside the framework's seed topics; None where these are the seeds, or with one text."""
    seeds = [topic.text for topic in evaluated.manifest.framework.topics]
    texts = [question.text for question in evaluated.questions]
    if min(len(texts), len(seeds)) < 2 or set(texts) <= set(seeds):
        return None
    mine, theirs = compare_texts(texts, seeds, rng)
    return TextComparison(questions=_figures(mine), seeds=_figures(theirs))


@dataclass(frozen=True)
class _Scored:
    """One question's divergence, wherever it comes from."""

    estimate: float
    interval: tuple[float, float] | None
    p_value: float | None


def _counted(evaluated: AnswerArrays, row: int) -> tuple[str, ...]:
    """The models with two answers to a question, by name."""
    counted = counted_models(evaluated.answered[row])
    return tuple(sorted(name for name, counts in zip(evaluated.models, counted, strict=True) if counts))


def _estimate(
    evaluated: AnswerArrays, expressed: Bools, row: int, models: int, rng: np.random.Generator
) -> _Scored | None:
    if models < 2:
        return None
    if (recorded := _recorded(evaluated, row)) is not None:
        return recorded
    divergence = estimate_divergence(
        expressed[row],
        evaluated.answered[row],
        permutations=PERMUTATIONS if len(evaluated.questions) <= MANY_QUESTIONS else FEWER_PERMUTATIONS,
        rng=rng,
        strata=evaluated.wording[row] if len(evaluated.wordings) > 1 else None,
        noise_floor=evaluated.manifest.settings.search.noise_floor,
    )
    return _Scored(divergence.divergence, divergence.interval, divergence.p_value)


def _recorded(evaluated: AnswerArrays, row: int) -> _Scored | None:
    """What the critic recorded of these same answers: a test by random shuffles done twice gives two p-values."""
    answers = evaluated.answered[row].sum(axis=1)
    samples = {name: int(number) for name, number in zip(evaluated.models, answers, strict=True) if number >= 2}
    for critique in evaluated.critiques.get(row, ()):
        score = critique.score
        same = dict(zip(critique.models, critique.samples, strict=True)) == samples
        if same and score is not None and score.p_value is not None and critique.critic in MEASURE_DIVERGENCE:
            return _Scored(score.divergence, uncut_interval(critique), score.p_value)
    return None


def _order(record: QuestionDivergence) -> float:
    return float("inf") if record.divergence is None else -record.divergence.estimate


def _figures(quality: TextQuality) -> TextFigures:
    return TextFigures(
        count=quality.count, words=quality.words, self_bleu=quality.self_bleu, distinct_pairs=quality.distinct_pairs
    )
