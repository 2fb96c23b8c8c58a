"""What a critic returns is checked before it is kept: a figure that is none would make the records unreadable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from ...domain.answer import Answer, Phase
from ...domain.critique import Critique
from ...domain.judgement import Judgement
from ...domain.pool_spec import Role
from ...domain.question import Question
from ..protocols import Critic


def checked_critique(
    critic: Critic,
    question: Question,
    answers: Sequence[Answer],
    judgements: Sequence[Judgement | None],
    wording: Judgement,
    *,
    phase: Phase,
    group: Role,
    seed: int,
) -> Critique:
    """The critic's score, or an unscored critique that says what was wrong with it."""
    critique = critic.critique(question, answers, judgements, wording, phase=phase, group=group, seed=seed)
    problem = _problem(critique, question.id, phase, group)
    if not problem:
        return critique
    name = getattr(critic, "name", None)
    return Critique(
        question_id=question.id,
        phase=phase,
        group=group,
        critic=name if isinstance(name, str) else type(critic).__name__,
        score=None,
        unscored=f"the critic returned {problem}",
    )


def _problem(found: Any, question_id: str, phase: Phase, group: Role) -> str:
    """Without ids and figures, so that the report counts the same problem as one."""
    if not isinstance(found, Critique):
        return f"{type(found).__name__}, not a Critique"
    if found.question_id != question_id:
        return "the critique of another question"
    if found.phase != phase:
        return f"a critique of another phase than {phase.value}"
    if found.group != group:
        return f"a critique of another group than {group.value}"
    try:  # a copy with changes is not checked when it is made
        Critique.model_validate(found.model_dump(warnings=False))
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'a critique'} that cannot be used ({first['msg']})"
    return ""
