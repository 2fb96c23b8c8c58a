"""From scores to labels: what every judge does that scores texts itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ....domain.answer import Outcome
from ....domain.judgement import Judgement, Label
from ....domain.question import Question
from ....domain.texts.safe_text import one_line

Scores = Callable[[Sequence[str]], NDArray[np.float64]]
"""Texts to scores (N, d); a text expresses a value where its score is >= 0."""


def labelled(judge: str, value_ids: Sequence[str], texts: Sequence[str], scores: Scores) -> Judgement:
    """The judgement of an answer with the key points ``texts``, each label with the whole key point as its quote."""
    lines = [one_line(text) for text in texts]
    # A text without a word has the scores of a model's constants alone, which say how frequent a value is.
    worded = np.array([any(character.isalpha() for character in line) for line in lines], dtype=bool)
    labels = tuple(
        Label(key_point=int(point), value=value_ids[value], quote=lines[point])
        for point, value in np.argwhere((scores(lines) >= 0) & worded[:, None])
    )
    return Judgement(judge=judge, outcome=Outcome.ANSWERED, labels=labels)


def texts_of_question(question: Question) -> list[str]:
    """What a judge reads of a question's own wording."""
    return [question.text, question.fact] if question.fact else [question.text]
