"""Which questions of a run make its short form: chosen on the answers of search and confirmation alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...domain.critique import Critique
from ...domain.question import Question
from ...evaluation.questions.short_form import choose_short_form


def short_form(
    questions: Sequence[Question], measured: Sequence[Mapping[str, Critique]], number: int
) -> tuple[Question, ...]:
    """The ``number`` questions that keep most of the information, best first; all of them where there are no more.

    ``measured`` are the critiques of each phase by question id. The samples that a member gave in several phases are
    pooled: choosing questions, unlike scoring them, gains from every answer.
    """
    critiques = [each for phase in measured for each in phase.values()]
    members = sorted({member for critique in critiques for member in critique.models})
    values = max((len(critique.rates[0]) for critique in critiques if critique.rates), default=1)
    column = {member: place for place, member in enumerate(members)}
    expressed = np.zeros((len(questions), len(members), values))
    answers = np.zeros((len(questions), len(members)), dtype=np.int64)
    for row, question in enumerate(questions):
        for critique in (phase[question.id] for phase in measured if question.id in phase):
            # Rates are missing where a question could not be scored.
            for member, samples, of_member in zip(critique.models, critique.samples, critique.rates, strict=False):
                expressed[row, column[member]] += samples * np.asarray(of_member)
                answers[row, column[member]] += samples
    rates = np.where(answers[..., None] > 0, expressed / np.maximum(answers, 1)[..., None], np.nan)
    topics = np.array([question.topic_id for question in questions])
    return tuple(questions[place] for place in choose_short_form(rates, answers, topics, number).chosen)
