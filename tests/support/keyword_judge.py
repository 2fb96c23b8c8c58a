"""A judge without models, for tests: a text expresses every value that it names. It counts what it was shown."""

from __future__ import annotations

from typing import Any

from adaem.domain.answer import Answer, Outcome
from adaem.domain.judgement import Judgement, Label
from adaem.domain.question import Question

SHOWN: list[str] = []


class KeywordJudge:
    name = "keywords"

    def __init__(self, context: Any) -> None:
        self._values = context.framework.value_ids

    async def judge(self, answer: Answer) -> Judgement:
        (point,) = answer.key_points
        SHOWN.append(point.text)
        if "unreadable" in point.text:
            return Judgement(judge=self.name, outcome=Outcome.UNPARSABLE)
        return self._labels(point.text)

    async def judge_question(self, question: Question) -> Judgement:
        return self._labels(question.text)

    def _labels(self, text: str) -> Judgement:
        found = [value for value in self._values if value in text]
        labels = tuple(Label(key_point=0, value=value, quote=value) for value in found)
        return Judgement(judge=self.name, outcome=Outcome.ANSWERED, labels=labels)
