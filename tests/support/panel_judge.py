"""A judge for tests that names the panel's first member as its model, calls none, and labels by a text's length."""

from __future__ import annotations

from typing import Any

from adaem.agents.protocols import JudgeRequirements
from adaem.domain.answer import Answer, Outcome
from adaem.domain.framework import Framework
from adaem.domain.judgement import Judgement, Label
from adaem.domain.pool_spec import PoolSpec, Role
from adaem.domain.question import Question
from adaem.domain.settings import Settings


class PanelJudge:
    name = "panel"

    def __init__(self, context: Any) -> None:
        self._values = context.framework.value_ids

    @classmethod
    def requirements(cls, settings: Settings, pool: PoolSpec, framework: Framework) -> JudgeRequirements:
        return JudgeRequirements(members=pool.with_role(Role.PANEL)[:1], name=cls.name)

    async def judge(self, answer: Answer) -> Judgement:
        return self._labels([point.text for point in answer.key_points])

    async def judge_question(self, question: Question) -> Judgement:
        return self._labels([question.text])

    def _labels(self, texts: list[str]) -> Judgement:
        labels = tuple(
            Label(key_point=place, value=self._values[len(text) % len(self._values)], quote=text)
            for place, text in enumerate(texts)
        )
        return Judgement(judge=self.name, outcome=Outcome.ANSWERED, labels=labels)
