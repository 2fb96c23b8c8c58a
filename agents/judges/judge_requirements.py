"""What the judge of a run costs, and whether the settings fit it: checked before anything is asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...domain.answer import KEY_POINTS
from ...domain.errors import InputError
from ...domain.framework import Framework
from ...domain.judge_accuracy import JudgeAccuracy
from ...domain.pool_spec import PoolSpec, Role
from ...domain.reading.yaml_records import read_text, validate_json
from ...domain.settings import Settings
from ..registry import find_agent
from .jury import check_jury
from .llm_judge import first_judge


@dataclass(frozen=True)
class JudgingCalls:
    """Model calls for judging one answer and one question's wording."""

    per_answer: int
    per_question: int


@dataclass(frozen=True)
class Judging:
    """A checked choice of judge. ``accuracy`` is what its errors were measured to be, if the settings name a file."""

    calls: JudgingCalls
    notices: tuple[str, ...] = ()
    accuracy: JudgeAccuracy | None = None


def check_judge(settings: Settings, pool: PoolSpec, framework: Framework) -> Judging:
    """Raises ``InputError`` when the judge cannot sit. A judge by dotted path is taken to cost what ``llm`` costs,
    unless its class says ``asks_models = False``.
    """
    kind, judges, notices = settings.agents.judge, pool.with_role(Role.JUDGE), []
    per_answer = KEY_POINTS * len(framework.values) if settings.judge.mode == "per_value" else 1
    calls = JudgingCalls(per_answer, 1)
    name = first_judge(pool).id if kind == "llm" else None
    if settings.judge.file is not None and kind != "local":
        raise InputError(f"judge.file is set, but agents.judge is {kind!r} — set agents.judge=local to use it")
    if kind == "jury":
        check_jury(pool)
        calls = JudgingCalls(per_answer * len(judges), len(judges))
        name = f"jury of {', '.join(judge.id for judge in judges)}"
    elif kind == "local":
        from .local.local_judge import LocalJudge

        local = LocalJudge.load(local_file(settings), framework)
        calls, name = JudgingCalls(0, 0), local.name
        notices.append(local.note)
    elif kind != "llm" and not getattr(find_agent("judge", kind), "asks_models", True):
        calls = JudgingCalls(0, 0)
    elif kind == "llm" and len(judges) > 1:
        others = ", ".join(judge.id for judge in judges[1:])
        notices.append(f"only the first judge, {name}, is asked, not {others}; agents.judge=jury asks them all")
    accuracy = None
    if settings.judge.accuracy is not None:
        mode = "" if kind == "local" else settings.judge.mode
        accuracy = _accuracy(Path(settings.judge.accuracy), framework, name, mode)
    return Judging(calls, tuple(notices), accuracy)


def local_file(settings: Settings) -> Path:
    """The local judge's file. Raises ``InputError`` when the settings name none."""
    if settings.judge.file is None:
        raise InputError(
            "agents.judge=local needs judge.file=FILE — train one with 'adaem judge train LABELLED --out FILE'"
        )
    return Path(settings.judge.file)


def _accuracy(path: Path, framework: Framework, judge: str | None, mode: str) -> JudgeAccuracy:
    accuracy = validate_json(JudgeAccuracy, read_text(path), path)
    if accuracy.framework != framework.id:
        raise InputError(f"{path}: measured with the framework {accuracy.framework!r}, not {framework.id!r}")
    # The name of a judge by dotted path is not known before it is made.
    if judge is not None and (accuracy.judge, accuracy.mode) != (judge, mode):
        measured = f"{accuracy.judge} {accuracy.mode}".strip()
        raise InputError(
            f"{path}: measured on the judge {measured!r}, and this run's is {f'{judge} {mode}'.strip()!r} — "
            "check this one with 'adaem judge check --out FILE'"
        )
    return accuracy
