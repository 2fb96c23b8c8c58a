"""What every judge does that scores texts itself: from scores to labels, quotes and probabilities."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ....domain.answer import Answer, Outcome
from ....domain.judgement import Judgement, Label
from ....domain.question import Question
from ....domain.texts.safe_text import one_line

Floats = NDArray[np.float64]


class ScoredJudge(ABC):
    """Labels without asking a model: a key point expresses a value where its score is at least 0."""

    def __init__(self, name: str, value_ids: Sequence[str]) -> None:
        self._name = name
        self._ids = value_ids

    @property
    def name(self) -> str:
        """The kind of judge and the first eight digits of a hash of all that decides its labels."""
        return self._name

    def scores(self, answers: Sequence[Sequence[str]]) -> Floats:
        """How strongly each answer, given by its key points, expresses each value, (N, d), by the key point that
        expresses it most; labelled from 0 up.
        """
        return np.array([scores.max(axis=0) for _, scores in self._scored(answers)])

    async def judge(self, answer: Answer) -> Judgement:
        """The labels of an answer's key points; see ``protocols.Judge``."""
        (judgement,) = await self.judge_all([answer])
        return judgement

    async def judge_all(self, answers: Sequence[Answer]) -> list[Judgement]:
        """See ``protocols.BatchJudge``: an embedder takes half the time for many texts in one pass."""
        return await asyncio.to_thread(self._labelled, [[point.text for point in each.key_points] for each in answers])

    async def judge_question(self, question: Question) -> Judgement:
        """The values in a question's own wording; see ``protocols.Judge``."""
        texts = [question.text, question.fact] if question.fact else [question.text]
        (judgement,) = await asyncio.to_thread(self._labelled, [texts])
        return judgement

    @abstractmethod
    def _scores(self, lines: Sequence[str]) -> Floats:
        """Of each text, (N, d)."""

    def _quotes(self, line: str, values: Sequence[int]) -> Sequence[str]:
        """The words of ``line`` that show each of the values (by number)."""
        return [line] * len(values)

    def _probabilities(self, scores: Floats) -> dict[str, float]:
        """Of an answer whose key points have the scores (N, d); empty where scores are no probabilities."""
        return {}

    def _labelled(self, answers: Sequence[Sequence[str]]) -> list[Judgement]:
        """The judgement of each answer, given by its texts."""
        return [self._judgement(lines, scores) for lines, scores in self._scored(answers)]

    def _scored(self, answers: Sequence[Sequence[str]]) -> list[tuple[list[str], Floats]]:
        """Each answer's texts, each on one line, and their scores (N, d); -inf for a text without a letter."""
        lines = [one_line(text) for texts in answers for text in texts]
        # A text without a word has the scores of a model's constants alone, which say how frequent a value is.
        worded = np.array([any(character.isalpha() for character in line) for line in lines], dtype=bool)
        scores = np.where(worded[:, None], self._scores(lines), -np.inf)
        ends = np.cumsum([len(texts) for texts in answers])
        starts = ends - [len(texts) for texts in answers]
        return [(lines[start:end], scores[start:end]) for start, end in zip(starts, ends, strict=True)]

    def _judgement(self, lines: Sequence[str], scores: Floats) -> Judgement:
        labels = []
        for point, (line, row) in enumerate(zip(lines, scores, strict=True)):
            found = np.flatnonzero(row >= 0).tolist()
            for value, quote in zip(found, self._quotes(line, found) if found else (), strict=True):
                labels.append(Label(key_point=point, value=self._ids[value], quote=quote))
        return Judgement(
            judge=self.name,
            outcome=Outcome.ANSWERED,
            labels=tuple(labels),
            probabilities=self._probabilities(scores),
        )
