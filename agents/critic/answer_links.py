"""Novelty by answers: confirmed questions that measure what a better ranked one measures (METHOD.md section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...domain.answer import Answer
from ...domain.judgement import Judgement
from ...domain.streams import generator_of
from ...evaluation.questions.same_answers import ResponsePattern, duplicate_links, nearly_equal
from .divergence_critic import STANCES, judged_answers

AnswerPattern = ResponsePattern
"""What the panel's answers to one question show: each value, and each stance."""


def links(ranked: Sequence[str], patterns: Mapping[str, AnswerPattern], seed: int) -> dict[str, str]:
    """Question → the best ranked one before it that gets all but equal answers. ``patterns`` are of the same panel."""
    return duplicate_links(ranked, nearly_equal([patterns[question] for question in ranked], generator_of(seed)))


def answer_pattern(
    answers: Sequence[Answer],
    judgements: Sequence[Judgement | None],
    members: Sequence[str],
    value_ids: Sequence[str],
) -> AnswerPattern:
    """The pattern of all that the panel, ``members`` by id, answered to one question."""
    panel = sorted(members)
    judged = judged_answers(answers, judgements, value_ids, None)
    stances = np.stack([judged.stances == code for code in STANCES.values()], axis=-1)
    shows = np.concatenate([judged.expressions, stances], axis=-1)
    cells = np.zeros((len(panel), *shows.shape[1:]), dtype=bool)
    answered = np.zeros(cells.shape[:2], dtype=bool)
    for row, member in enumerate(judged.models):
        if member in panel:
            cells[panel.index(member)] = shows[row]
            answered[panel.index(member)] = judged.answered[row]
    return ResponsePattern(cells, answered)
