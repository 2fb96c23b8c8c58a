"""Novelty by answers: confirmed questions that measure what a better ranked one measures (METHOD.md section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..agents.critic import STANCES, judged_answers
from ..domain.answer import Answer
from ..domain.judgement import Judgement
from ..domain.pool import Role
from ..evaluation.same_answers import Shown, all_but_equal, linked
from .context import RunContext
from .measure import derived_seed

Judged = tuple[Sequence[Answer], Sequence[Judgement | None]]


def links(context: RunContext, ranked: Sequence[str], answers: Mapping[str, Judged]) -> dict[str, str]:
    """Question → the best ranked one before it that gets all but equal answers from the panel.

    ``answers`` hold all that each was answered, with the judgements.
    """
    shown = [_shown(context, *answers[question]) for question in ranked]
    rng = np.random.default_rng(derived_seed(context.settings.seed, "same answers"))
    return linked(ranked, all_but_equal(shown, rng))


def _shown(context: RunContext, answers: Sequence[Answer], judgements: Sequence[Judgement | None]) -> Shown:
    """What the panel's answers to one question show: each value, and each stance."""
    panel = sorted(member.id for member in context.members(Role.PANEL))
    judged = judged_answers(answers, judgements, context.framework.value_ids, None)
    stances = np.stack([judged.stances == code for code in STANCES.values()], axis=-1)
    shows = np.concatenate([judged.expressions, stances], axis=-1)
    cells = np.zeros((len(panel), *shows.shape[1:]), dtype=bool)
    answered = np.zeros(cells.shape[:2], dtype=bool)
    for row, member in enumerate(judged.models):
        if member in panel:
            cells[panel.index(member)], answered[panel.index(member)] = shows[row], judged.answered[row]
    return Shown(cells, answered)
