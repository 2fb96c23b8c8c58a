"""The local judge as an agent: labels without asking any model. A span is the whole key point."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....domain.answer import Answer
from ....domain.errors import InputError
from ....domain.framework import Framework
from ....domain.judge_accuracy import Figure, JudgeAccuracy
from ....domain.judgement import Judgement
from ....domain.pool_spec import PoolSpec
from ....domain.question import Question
from ....domain.settings import Settings
from ....domain.texts.safe_text import one_line
from ...agent_context import AgentContext
from ...protocols import JudgeRequirements
from .linear_model import LocalModel, load_model
from .scored_labels import labelled, texts_of_question


def local_file(settings: Settings) -> Path:
    """The local judge's file. Raises ``InputError`` when the settings name none."""
    if settings.judge.file is None:
        raise InputError(
            "agents.judge=local needs judge.file=FILE — train one with 'adaem judge train LABELLED --out FILE'"
        )
    return Path(settings.judge.file)


class LocalJudge:
    """Labels by a model that ``adaem judge train`` wrote; the settings name its file (``judge.file``)."""

    def __init__(self, context: AgentContext) -> None:
        self._take(*load_model(local_file(context.settings), context.framework))

    @classmethod
    def requirements(cls, settings: Settings, pool: PoolSpec, framework: Framework) -> JudgeRequirements:
        """Nobody; see ``protocols.PlannedJudge``. Raises ``InputError`` without a file, and as ``load_model`` does."""
        judge = cls.load(local_file(settings), framework)
        return JudgeRequirements(name=judge.name, reads_file=True, notices=(judge.note,), accuracy=judge.accuracy)

    @classmethod
    def load(cls, path: Path, framework: Framework) -> LocalJudge:
        """The judge in a file. Raises ``FileError`` as ``load_model`` does."""
        judge = cls.__new__(cls)
        judge._take(*load_model(path, framework))
        return judge

    def _take(self, model: LocalModel, file_sha256: str) -> None:
        self.model = model
        self._name = f"local-{file_sha256[:8]}"

    @property
    def name(self) -> str:
        """ "local-" and the first eight digits of the file's sha256."""
        return self._name

    @property
    def note(self) -> str:
        """What a reader of its results must know."""
        report = self.model.report
        return (
            f"judged by {self.name}, a local model trained on {report.used:,} labelled texts: on unseen sources its "
            f"macro F1 was {report.macro_f1:.2f} (labelling everything gives {report.macro_f1_of_always:.2f}) and its "
            f"AUC {report.macro_auc:.2f}; 'adaem judge check' says which values it can measure"
        )

    @property
    def accuracy(self) -> JudgeAccuracy | None:
        """Its errors on the folds of its training, on single texts; None of a file that does not hold them."""
        report = self.model.report
        if not report.accuracy:
            return None
        return JudgeAccuracy(
            judge=self.name,
            mode="",
            simulated=False,
            framework=report.framework,
            data_sha256=report.data_sha256,
            rows=report.used,
            groups=report.sources,
            key_points=1,
            left_out=report.left_out,
            macro_f1=Figure(estimate=report.macro_f1),
            macro_auc=Figure(estimate=report.macro_auc),
            values=report.accuracy,
            measured_by="training",
        )

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """How strongly each value is expressed, (d,), by the key point that expresses it most; labelled from 0 up."""
        return np.asarray(self.model.scores([one_line(text) for text in texts]).max(axis=0))

    async def judge(self, answer: Answer) -> Judgement:
        """The labels of an answer's key points; see ``protocols.Judge``."""
        return self._label([point.text for point in answer.key_points])

    async def judge_question(self, question: Question) -> Judgement:
        """The values in a question's own wording; see ``protocols.Judge``."""
        return self._label(texts_of_question(question))

    def _label(self, texts: Sequence[str]) -> Judgement:
        return labelled(self.name, self.model.report.value_ids, texts, self.model.scores)
