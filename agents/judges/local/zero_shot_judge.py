"""The zero-shot judge: labels without asking a model and without labelled texts. A quote is the whole key point."""

from __future__ import annotations

from collections.abc import Sequence

from ....domain.framework import Framework
from ....domain.pool_spec import PoolSpec
from ....domain.settings import Settings
from ....memory.embedders.embedder import Embedder
from ....memory.embedders.named_embedder import make_embedder
from ...agent_context import AgentContext
from ...protocols import JudgeRequirements
from .scored_judge import Floats, ScoredJudge
from .similarity_model import SimilarityModel, model_fingerprint


class ZeroShotJudge(ScoredJudge):
    """Finds the values that a key point lies nearest to (``similarity_model``), with the setting ``judge.embedder``.

    Its name is "zero-shot-" and the first eight digits of a hash of the embedder and the framework's descriptions.
    """

    def __init__(self, context: AgentContext) -> None:
        embedder = make_embedder(context.settings.judge.embedder)
        super().__init__(_name(context.framework, embedder), context.framework.value_ids)
        self._model = SimilarityModel(context.framework, embedder)

    @classmethod
    def requirements(cls, settings: Settings, pool: PoolSpec, framework: Framework) -> JudgeRequirements:
        """Nobody; see ``protocols.PlannedJudge``. Raises ``InputError`` where its embedder cannot be had."""
        framework.need_examples("the judge zero_shot compares texts with them")
        embedder = make_embedder(settings.judge.embedder)
        return JudgeRequirements(
            name=_name(framework, embedder),
            notices=(
                "the judge zero_shot has seen no labelled text: it names the values whose descriptions a text lies "
                f"nearest to (embedder {embedder.name}), and misses most that are not said plainly (on arguments "
                "that people labelled with Schwartz's values, MiniLM's AUC was 0.68, a trained judge's 0.77); 'adaem "
                "judge check' says which values it can measure",
            ),
        )

    def _scores(self, lines: Sequence[str]) -> Floats:
        return self._model.scores(lines)


def _name(framework: Framework, embedder: Embedder) -> str:
    return f"zero-shot-{model_fingerprint(framework, embedder)[:8]}"
