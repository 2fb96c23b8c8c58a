"""Controls that a sceptic asks for: a run's published questions, asked again with one thing varied.

Another judge is a control, too, and asks nobody: see ``jobs.rejudge``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...domain.errors import InputError
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.question import Question
from ...domain.settings import Settings
from ...records import Manifest, RunRecords, open_run
from ...records.folder import ForkOf
from .question_source import QuestionSource

REPEATED = "repeated"
FACTS_REMOVED = "facts-removed"
PARAPHRASED = "paraphrased"
"""The names of the controls. ``repeated`` varies nothing: what it leaves open, or brings new, is chance alone, and the
measure for the others.
"""

REPEATS = 0.4
"""From this share of a fact's words on a question is said to repeat it."""

_FREE = ("budget.", "allowed_hosts", "tracing", "telemetry", "step_timeout", "reconnect_timeout")
"""Settings that change no answer."""


def vary(path: Path, source: QuestionSource, control: str) -> QuestionSource:
    """The questions that a control asks: those on which the run in ``path`` compared its models, under their own ids.

    All published ones where it compared none. A paraphrase is made when its question's turn comes; without facts only
    those are asked that have one. Raises ``InputError``: no run's questions, or none has a fact that could be removed.
    """
    if source.grown_by is None:
        raise InputError(f"{path}: a control varies a run — name the folder of the run that grew the questions")
    with RunRecords(open_run(path).records_path, read_only=True) as records:
        compared = set(records.ids("evaluated_grown"))
    questions = tuple(each for each in source.questions if each.id in compared) or source.questions
    notices = source.notices
    if control == FACTS_REMOVED:
        with_fact = tuple(question for question in questions if question.fact)
        if not with_fact:
            raise InputError(f"{path}: no question there has a fact that could be removed")
        notices = (*notices, *fact_notices(with_fact, len(questions)))
        questions = tuple(question.model_copy(update={"fact": ""}) for question in with_fact)
    name = f"{source.name}, {control.replace('-', ' ')}"
    return replace(source, name=name, questions=questions, notices=notices)


def fact_notices(questions: Sequence[Question], of: int) -> Iterator[str]:
    """What the removal does not reach: a question is built on its fact, and often says it again."""
    repeating = sum(_share_repeated(question) >= REPEATS for question in questions)
    if repeating:
        yield (
            f"only the sentence of fact before a question is removed: {repeating} of {len(questions)} questions repeat "
            f"{100 * REPEATS:.0f} % or more of its words themselves"
        )
    if len(questions) < of:
        yield f"{of - len(questions)} questions without a fact are not asked"


def _share_repeated(question: Question) -> float:
    """The share of a fact's longer words that stand in its question, too."""
    fact, words = ({*re.findall(r"\w{4,}", text.casefold())} for text in (question.fact, question.text))
    return len(fact & words) / len(fact) if fact else 0.0


def check_only_varies(settings: Settings, before: Settings, overrides: Mapping[str, Any]) -> None:
    """Raises ``InputError`` when ``overrides`` change more than the budget: two changes at once tell of neither.

    To name again what the run was made with is a permission (code of the user's own).
    """
    for key in overrides:
        group, _, name = key.partition(".")
        same = getattr(settings, group) == getattr(before, group)
        if not same and name:
            same = getattr(getattr(settings, group), name) == getattr(getattr(before, group), name)
        if not same and not key.startswith(_FREE):
            raise InputError(f"{key}: a control varies one thing, and this would be another — leave it out")


def members_of(pool: PoolSpec, control: str) -> PoolSpec:
    """Whoever the control asks: panel, examinees and judges, and for paraphrases the authors."""
    authors = pool.with_role(Role.AUTHOR) if control == PARAPHRASED else ()

    def with_roles(member: Member) -> Member | None:
        if {Role.PANEL, Role.EXAMINEE, Role.JUDGE} & {*member.roles}:
            writes = member in authors and Role.AUTHOR not in member.roles
            return member.model_copy(update={"roles": (*member.roles, Role.AUTHOR)}) if writes else member
        return member.model_copy(update={"roles": (Role.AUTHOR,)}) if member in authors else None

    return pool.model_copy(update={"members": tuple(filter(None, map(with_roles, pool.members)))})


def fork_of(path: Path, manifest: Manifest, control: str, overrides: Mapping[str, Any]) -> ForkOf:
    """What the control's own folder says of where it comes from."""
    return ForkOf(
        run_id=manifest.run_id,
        path=str(path.resolve()),
        control=control,
        changes={key: str(value) for key, value in overrides.items()},
    )
