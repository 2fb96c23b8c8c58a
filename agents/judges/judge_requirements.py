"""What the judge of a run needs, asked of its class, and whether the settings fit it: before anything is asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...domain.errors import InputError
from ...domain.framework import Framework
from ...domain.judge_accuracy import JudgeAccuracy
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.reading.yaml_records import read_text, validate_json
from ...domain.settings import Settings
from ..protocols import JudgeRequirements, PlannedJudge
from ..registry import find_agent
from .llm_judge import calls_per_answer


@dataclass(frozen=True)
class JudgingCalls:
    """Model calls for judging one answer and one question's wording; ``members`` make them."""

    per_answer: int
    per_question: int
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Judging:
    """A checked choice of judge. ``accuracy`` is how often it errs, None where nobody measured that."""

    requirements: JudgeRequirements
    accuracy: JudgeAccuracy | None = None

    @property
    def calls(self) -> JudgingCalls:
        """Its calls, and who makes them."""
        needs = self.requirements
        return JudgingCalls(needs.per_answer, needs.per_question, needs.members)

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader of its results must know."""
        return self.requirements.notices


def requirements_of(judge: Any, settings: Settings, pool: PoolSpec, framework: Framework) -> JudgeRequirements:
    """Whom the class ``judge`` asks, as it says itself.

    One that says nothing is taken to ask the pool's first judge, as ``llm`` does, and nobody where its class has
    ``asks_models = False``. Raises ``InputError`` when it cannot judge with this pool.
    """
    if not getattr(judge, "asks_models", True):
        return JudgeRequirements(mode=settings.judge.mode)
    if isinstance(judge, PlannedJudge):
        needs: object = judge.requirements(settings, pool, framework)
        if not isinstance(needs, JudgeRequirements):
            raise InputError(
                f"judge {settings.agents.judge!r}: requirements gives {type(needs).__name__}, no JudgeRequirements — "
                "see agents/protocols.py"
            )
        return needs
    return JudgeRequirements(
        members=pool.with_role(Role.JUDGE)[:1],
        per_answer=calls_per_answer(settings, framework),
        per_question=1,
        mode=settings.judge.mode,
    )


def check_judge(settings: Settings, pool: PoolSpec, framework: Framework) -> Judging:
    """What the judge that the settings name needs. Raises ``InputError`` when it cannot judge with this pool."""
    kind = settings.agents.judge
    needs = requirements_of(find_agent("judge", kind), settings, pool, framework)
    if settings.judge.file is not None and not needs.reads_file:
        raise InputError(f"judge.file is set, but agents.judge is {kind!r} — set agents.judge=local to use it")
    accuracy = needs.accuracy
    if settings.judge.accuracy is not None:
        accuracy = _accuracy(Path(settings.judge.accuracy), framework, needs)
    return Judging(needs, accuracy)


def _accuracy(path: Path, framework: Framework, judge: JudgeRequirements) -> JudgeAccuracy:
    accuracy = validate_json(JudgeAccuracy, read_text(path), path)
    if accuracy.framework != framework.id:
        raise InputError(f"{path}: measured with the framework {accuracy.framework!r}, not {framework.id!r}")
    if set(accuracy.values) != set(framework.value_ids):
        raise InputError(
            f"{path}: its values are not those of the framework {framework.id!r} — measure the judge again"
        )
    if judge.name and (accuracy.judge, accuracy.mode) != (judge.name, judge.mode):
        measured, planned = (
            f"{name} {mode}".strip() for name, mode in ((accuracy.judge, accuracy.mode), (judge.name, judge.mode))
        )
        raise InputError(
            f"{path}: measured on the judge {measured!r}, and this run's is {planned!r} — "
            "check this one with 'adaem judge check --out FILE'"
        )
    return accuracy
