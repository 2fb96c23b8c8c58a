"""What models answered, as authors are shown it: one judged answer of each, which stays unnamed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...domain.answer import Answer, Outcome
from ...domain.judgement import Judgement
from ...domain.texts.safe_text import one_line


def whole_answers(answers: Sequence[Answer], judgements: Sequence[Judgement | None]) -> str:
    """A line for each model: stance, values found, all key points."""
    return "\n".join(
        f"{head}: {'; '.join(one_line(point.text) for point in answer.key_points)}"
        for head, answer in _heads(answers, judgements)
    )


def brief_answers(answers: Sequence[Answer], judgements: Sequence[Judgement | None]) -> str:
    """A line for each model: stance, values found, the first key point's point."""
    return "\n".join(f"{head}: {one_line(answer.key_points[0].point)}" for head, answer in _heads(answers, judgements))


def _heads(answers: Sequence[Answer], judgements: Sequence[Judgement | None]) -> Iterator[tuple[str, Answer]]:
    names: dict[str, str] = {}
    for answer, judgement in zip(answers, judgements, strict=True):
        if answer.outcome is not Outcome.ANSWERED or answer.member in names or answer.stance is None:
            continue
        if judgement is None or judgement.outcome is not Outcome.ANSWERED:
            continue
        names[answer.member] = name = f"model {len(names) + 1}"
        values = ", ".join(sorted(judgement.values)) or "none"
        yield f"{name} ({answer.stance.value}; values: {values})", answer
