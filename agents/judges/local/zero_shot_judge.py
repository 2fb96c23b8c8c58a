"""The zero-shot judge: labels without asking a model and without labelled texts. A span is the whole key point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ....domain.answer import Answer
from ....domain.framework import Framework
from ....domain.judgement import Judgement
from ....domain.pool_spec import PoolSpec
from ....domain.question import Question
from ....domain.settings import Settings
from ....domain.texts.safe_text import one_line
from ....memory.embedders.embedder import Embedder
from ....memory.embedders.named_embedder import make_embedder
from ...agent_context import AgentContext
from ...protocols import JudgeRequirements
from .scored_labels import labelled, texts_of_question
from .similarity_model import SimilarityModel, model_fingerprint


class ZeroShotJudge:
    """Finds the values that a key point lies nearest to (``similarity_model``), with the setting ``judge.embedder``."""

    def __init__(self, context: AgentContext) -> None:
        embedder = make_embedder(context.settings.judge.embedder)
        self._ids = context.framework.value_ids
        self._name = _name(context.framework, embedder)
        self._model = SimilarityModel(context.framework, embedder)

    @classmethod
    def requirements(cls, settings: Settings, pool: PoolSpec, framework: Framework) -> JudgeRequirements:
        """Nobody; see ``protocols.PlannedJudge``. Raises ``InputError`` where its embedder cannot be had."""
        embedder = make_embedder(settings.judge.embedder)
        return JudgeRequirements(
            name=_name(framework, embedder),
            notices=(
                "the judge zero_shot has seen no labelled text: it names the values whose descriptions a text lies "
                f"nearest to (embedder {embedder.name}), and misses most that are not said plainly; 'adaem judge "
                "check' says which values it can measure",
            ),
        )

    @property
    def name(self) -> str:
        """ "zero-shot-" and the first eight digits of a hash of the embedder and the framework's descriptions."""
        return self._name

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """How strongly each value is expressed, (d,), by the key point that expresses it most; labelled from 0 up."""
        return np.asarray(self._model.scores([one_line(text) for text in texts]).max(axis=0))

    async def judge(self, answer: Answer) -> Judgement:
        """The labels of an answer's key points; see ``protocols.Judge``."""
        return self._label([point.text for point in answer.key_points])

    async def judge_question(self, question: Question) -> Judgement:
        """The values in a question's own wording; see ``protocols.Judge``."""
        return self._label(texts_of_question(question))

    def _label(self, texts: Sequence[str]) -> Judgement:
        return labelled(self.name, self._ids, texts, self._model.scores)


def _name(framework: Framework, embedder: Embedder) -> str:
    return f"zero-shot-{model_fingerprint(framework, embedder)[:8]}"
