"""Parts of a set of answers at random: dealt to other names, or fewer questions and answers of each model."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from adaem.evaluation.divergence.expressions import Ints
from adaem.results.answer_arrays import AnswerArrays


def dealt(full: AnswerArrays, model: int, names: int, rng: np.random.Generator) -> AnswerArrays:
    """The answers of one model dealt to ``names`` names, question by question: no name differs from another.

    Each name gets as many answers as there are for all, whatever became of them; wordings are forgotten. Questions
    with fewer answers than names are left out.
    """
    asked = full.asked[:, model]
    most = int(asked.sum(axis=1).max())
    rows = np.flatnonzero(asked.sum(axis=1) == most)
    each = most // names
    slots = np.array([rng.permutation(np.flatnonzero(asked[row]))[: names * each] for row in rows])
    return taken(full, rows, np.full((names,), model), slots.reshape(len(rows), names, each))


def subsample(
    full: AnswerArrays, models: list[int], questions: int, answers: int, rng: np.random.Generator, *, replacing: bool
) -> AnswerArrays:
    """``questions`` questions, and ``answers`` answers of each model to each, drawn with or without replacement.

    Drawn with replacement, a question counts as another topic each time.
    """
    rows = rng.choice(len(full.questions), questions, replace=replacing)
    slots = np.empty((questions, len(models), answers), dtype=np.int64)
    for place in np.ndindex(questions, len(models)):
        asked = np.flatnonzero(full.asked[rows[place[0]], models[place[1]]])
        slots[place] = rng.choice(asked, answers, replace=replacing)
    return taken(full, rows, np.array(models), slots)


def taken(full: AnswerArrays, rows: Ints, models: Ints, slots: Ints) -> AnswerArrays:
    """The answers in ``slots`` (Q, K, L) of ``models`` (K,) to the questions ``rows`` (Q,), each question one topic."""
    at = rows[:, None, None], models[None, :, None], slots
    names = tuple(f"name-{place}" for place in range(len(models)))
    answered = full.answered[at]
    outcomes = tuple(Counter(answered=int(answered[:, place].sum())) for place in range(len(names)))
    return replace(
        full,
        models=names,
        seen=(False,) * len(names),
        questions=tuple(full.questions[row] for row in rows),
        topics=np.arange(len(rows)),
        expressions=full.expressions[at],
        probabilities=None if full.probabilities is None else full.probabilities[at],
        answered=answered,
        refused=full.refused[at],
        texts=full.texts[at],
        asked=full.asked[at],
        wording=np.zeros(slots.shape, dtype=np.int64),
        wordings=("",),
        outcomes=outcomes,
        words=(),
        critiques={},
    )
