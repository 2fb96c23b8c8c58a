"""The local judge as an agent: a trained model's labels, each with the words that speak most for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ....domain.errors import InputError
from ....domain.framework import Framework
from ....domain.judge_accuracy import Figure, JudgeAccuracy, smaller_errors
from ....domain.pool_spec import PoolSpec
from ....domain.settings import Settings
from ...agent_context import AgentContext
from ...protocols import JudgeRequirements
from .linear_model import LocalModel
from .model_file import load_model
from .scored_judge import Floats, ScoredJudge


class LocalJudge(ScoredJudge):
    """Labels by a model that ``adaem judge train`` wrote; the settings name its file (``judge.file``).

    Its name is "local-" and the first eight digits of the file's sha256.
    """

    def __init__(self, context: AgentContext) -> None:
        self._take(context.settings, context.framework)

    @classmethod
    def requirements(cls, settings: Settings, pool: PoolSpec, framework: Framework) -> JudgeRequirements:
        """Nobody; see ``protocols.PlannedJudge``. Raises ``InputError`` without a file, and as ``load_model`` does."""
        judge = cls.__new__(cls)
        judge._take(settings, framework)
        return JudgeRequirements(name=judge.name, reads_file=True, notices=(judge.note,), accuracy=judge.accuracy)

    def _take(self, settings: Settings, framework: Framework) -> None:
        if settings.judge.file is None:
            raise InputError(
                "agents.judge=local needs judge.file=FILE — train one with 'adaem judge train LABELLED --out FILE'"
            )
        model, file_sha256 = load_model(Path(settings.judge.file), framework, settings.judge.embedder)
        super().__init__(f"local-{file_sha256[:8]}", model.report.value_ids)
        self.model: LocalModel = model

    @property
    def note(self) -> str:
        """What a reader of its results must know."""
        report = self.model.report
        features = f"words and embeddings ({report.embedder})" if report.embedder else "words alone"
        return (
            f"judged by {self.name}, a local model of {features} trained on {report.used:,} labelled texts: on unseen "
            f"sources its macro F1 was {report.macro_f1:.2f} (labelling everything gives "
            f"{report.macro_f1_of_always:.2f}) and its AUC {report.macro_auc:.2f}; 'adaem judge check' says which "
            "values it can measure"
        )

    @property
    def accuracy(self) -> JudgeAccuracy:
        """Its errors on the folds of its training, on single texts, at the thresholds that runs use."""
        report = self.model.report
        return JudgeAccuracy(
            judge=self.name,
            mode="",
            simulated=False,
            framework=report.framework,
            data_sha256=report.data_sha256,
            rows=report.used,
            groups=report.sources,
            key_points=1,
            rates_by=smaller_errors(report.accuracy.values()),
            left_out=report.left_out,
            macro_f1=Figure(estimate=report.macro_f1),
            macro_auc=Figure(estimate=report.macro_auc),
            values=report.accuracy,
            measured_by="training",
        )

    def _scores(self, lines: Sequence[str]) -> Floats:
        return self.model.scores(lines)

    def _quotes(self, line: str, values: Sequence[int]) -> Sequence[str]:
        return self.model.quotes(line, values)

    def _probabilities(self, scores: Floats) -> dict[str, float]:
        """That at least one of the key points expresses the value, were they independent."""
        none = 1 - 1 / (1 + np.exp(-(scores + self.model.thresholds[0])))
        return dict(zip(self._ids, (1 - none.prod(axis=0)).round(3).tolist(), strict=True))
