"""Split halves beside shuffled models and random judges, and style as a rival explanation, as records and in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...domain.judge_accuracy import Figure
from ...domain.texts.safe_text import one_line
from ...evaluation.reliability.answer_style import style_features, style_share
from ...evaluation.reliability.random_judges import random_judges
from ...evaluation.reliability.split_half import LEVEL, STATISTICS, SplitHalf, SplitHalves, split_half
from ..answer_arrays import AnswerArrays
from ..finite import known
from .reliability_types import Correlation, Reliability

SHUFFLES = 200

MOST_HALVED_QUESTIONS = 300
"""Of more questions so many are drawn at random: a correlation over them has a standard error below .06."""

SEES = (
    "this judge sees model differences here: G per question correlates between halves more than with 95 % of shuffled "
    "models and of random judges"
)
PROFILES = {
    True: ", and so do the profiles",
    False: "; the profiles do not, and may show style",
}
BORDER = (
    "whether this judge sees model differences here is on the border: G per question correlates between halves as much "
    "or more with {:.0f} % [{:.0f}, {:.0f}] of {} random judges, which know nothing of values, and 5 % is the mark"
)
SEES_NOT = (
    "whether this judge sees model differences here cannot be told: G per question does not correlate more between "
    "halves than with 95 % of {}"
)
NO_SPLIT_HALVES = (
    "not estimable: it takes two models, and five questions to which each has two judged answers in each half of the "
    "wordings, or four without wordings"
)


def drawn_questions(evaluated: AnswerArrays, rng: np.random.Generator) -> AnswerArrays:
    """With the answers to ``MOST_HALVED_QUESTIONS`` of its questions only, where there are more; itself otherwise."""
    answering = np.flatnonzero(evaluated.answered.any(axis=(1, 2)))
    if len(answering) <= MOST_HALVED_QUESTIONS:
        return evaluated
    kept = np.zeros(len(evaluated.questions), dtype=bool)
    kept[rng.choice(answering, MOST_HALVED_QUESTIONS, replace=False)] = True
    return replace(evaluated, answered=evaluated.answered & kept[:, None, None])


def split_halves(evaluated: AnswerArrays, rng: np.random.Generator, *, drawn: bool) -> tuple[Reliability | None, str]:
    """The split-half correlations, and whether the judge sees the models differ, in words.

    ``drawn`` says whether there are more questions than these.
    """
    question, model, _ = np.nonzero(evaluated.answered)
    expressed, texts = evaluated.expressed[evaluated.answered], evaluated.texts[evaluated.answered].tolist()
    halves = split_half(
        expressed,
        question,
        model,
        evaluated.wording[evaluated.answered],
        rng=rng,
        random_judges=random_judges(texts, expressed, rng),
        shuffles=SHUFFLES,
    )
    if halves is None:
        return None, NO_SPLIT_HALVES
    figures: dict[str, SplitHalf] = {name: getattr(halves, name) for name in STATISTICS}
    kept = set(model.tolist()) - set(halves.left_out)
    left_out = tuple(name for place, name in enumerate(evaluated.models) if place not in kept)
    record = Reliability(
        correlations={
            name: Correlation(
                observed=known(each.observed),
                shuffled_mean=known(each.shuffled_mean),
                shuffled_high=known(each.shuffled_high),
                random_mean=known(each.random_mean),
                random_high=known(each.random_high),
                exceeds=each.exceeds,
                on_the_border=each.on_the_border,
                random_reached=Figure(estimate=each.reached[0], interval=each.reached[1:])
                if halves.random_judges
                else None,
            )
            for name, each in figures.items()
        },
        models=halves.models,
        left_out=left_out,
        questions=halves.questions,
        shuffles=SHUFFLES,
        random_judges=halves.random_judges,
        sees_differences=halves.quadratic.exceeds,
    )
    asides = [f"on {MOST_HALVED_QUESTIONS} questions drawn at random"] if drawn else []
    asides += [f"left out for too few answers: {one_line(', '.join(left_out))}"] if left_out else []
    return record, _verdict(halves) + (f" ({'; '.join(asides)})" if asides else "")


def _verdict(halves: SplitHalves) -> str:
    found = halves.quadratic
    if found.exceeds:
        return SEES + PROFILES[halves.profiles.exceeds]
    if found.on_the_border:
        return BORDER.format(*(100 * each for each in found.reached), halves.random_judges)
    nulls = []
    if not found.observed > found.shuffled_high:
        nulls.append("shuffled models")
    if found.reached[1] > LEVEL:
        nulls.append("random judges, which know nothing of values")
    return SEES_NOT.format(" and of ".join(nulls))


def style(evaluated: AnswerArrays) -> tuple[Figure | None, str]:
    """By which share the models' differences shrink when style is held constant, and in words; "" where unknown."""
    question, model, _ = np.nonzero(evaluated.answered)
    features = style_features(evaluated.texts[evaluated.answered].tolist())
    found = style_share(evaluated.expressed[evaluated.answered], features, question, model, evaluated.topics[question])
    if found is None:
        return None, ""
    low, high = (f"{100 * end:z.0f}" for end in found.interval)
    return Figure(estimate=found.share, interval=found.interval), (
        f"differences between the models shrink by {100 * found.share:z.0f} % [{low}, {high}] when the length, markup "
        "and hedging of their answers are held constant"
    )
