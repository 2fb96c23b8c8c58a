"""The models' answers to one question side by side: what each said, the judge's labels, the quoted words marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.answer import PRIMED, Answer, Outcome, Phase
from ...domain.judgement import Judgement
from ...records import Manifest, RunRecords
from ...reports.page.model_words import CHARACTERS, Piece, pieces

ANSWER_STAGES = (Phase.EVALUATE, Phase.CONFIRM, Phase.SEARCH)
"""The answers that enter the findings first."""

MOST_ANSWERS = 400
"""Answers on one page; with the samples of every phase a question may have more."""


@dataclass(frozen=True)
class ShownAnswer:
    """One answer. ``key_points`` are in pieces, with the values that the judge quoted each for.

    ``labels`` are (value, quote) whose quote marks nothing; ``why_not``: why it enters no figure.
    """

    sample: int
    wording: str
    stance: str
    key_points: tuple[tuple[Piece, ...], ...]
    cut: bool
    values: tuple[str, ...]
    judge: str
    dropped: int
    votes: tuple[tuple[str, str], ...]
    why_not: str
    call_id: str
    judge_call_ids: tuple[str, ...]


@dataclass(frozen=True)
class AnswerColumn:
    """One model's answers; ``more`` of them are not shown."""

    model: str
    answers: tuple[ShownAnswer, ...]
    more: int


def stages_of(records: RunRecords, question_id: str) -> dict[str, int]:
    """How many answers there are in each phase that has any."""
    counts = {phase.value: len(records.answers(question_id, [phase])[0]) for phase in ANSWER_STAGES}
    return {phase: number for phase, number in counts.items() if number}


def answer_columns(
    records: RunRecords, manifest: Manifest, question_id: str, phase: str, models: Sequence[str], *, every: bool
) -> list[AnswerColumn]:
    """A column for each of ``models``: ``every`` answer, or the first that was judged."""
    answers, judgements = records.answers(question_id, [Phase(phase)])
    values = {value.id: value.name for value in manifest.framework.values}
    columns = []
    for model in models:
        pairs = zip(answers, judgements, strict=True)
        mine = [(answer, judgement) for answer, judgement in pairs if answer.member == model]
        chosen = mine[: max(1, MOST_ANSWERS // max(1, len(models)))] if every else [_first_judged(mine)] if mine else []
        columns.append(
            AnswerColumn(
                model=model,
                answers=tuple(_shown(answer, judgement, values) for answer, judgement in chosen),
                more=len(mine) - len(chosen),
            )
        )
    return columns


def _first_judged(pairs: list[tuple[Answer, Judgement | None]]) -> tuple[Answer, Judgement | None]:
    def judged(pair: tuple[Answer, Judgement | None]) -> bool:
        return pair[1] is not None and pair[1].outcome is Outcome.ANSWERED and not pair[0].wording.startswith(PRIMED)

    return next(filter(judged, pairs), pairs[0])


def _shown(answer: Answer, judgement: Judgement | None, values: dict[str, str]) -> ShownAnswer:
    labels = judgement.labels if judgement is not None else ()
    texts = [point.text for point in answer.key_points]
    excerpts = [text[:CHARACTERS] for text in texts]
    return ShownAnswer(
        sample=answer.sample,
        wording=answer.wording,
        stance=answer.stance.value if answer.stance else "",
        key_points=tuple(
            pieces(text, [(label.quote, label.value) for label in labels if label.key_point == number], values)
            for number, text in enumerate(excerpts)
        ),
        cut=excerpts != texts,
        values=tuple(dict.fromkeys(values.get(label.value, label.value) for label in labels)),
        judge=judgement.judge if judgement is not None else "",
        dropped=judgement.dropped if judgement is not None else 0,
        votes=tuple(
            (juror, ", ".join(sorted({values.get(label.value, label.value) for label in given})) or "no value")
            for juror, given in (judgement.votes if judgement is not None else {}).items()
        ),
        why_not=_why_not(answer, judgement),
        call_id=answer.call_id,
        judge_call_ids=judgement.call_ids if judgement is not None else (),
    )


def _why_not(answer: Answer, judgement: Judgement | None) -> str:
    if answer.outcome is not Outcome.ANSWERED:
        return f"{answer.outcome.value}{f': {answer.detail}' if answer.detail else ''}"
    if judgement is None:
        return "not judged yet"
    if judgement.outcome is not Outcome.ANSWERED:
        return f"could not be judged, {judgement.outcome.value}{f': {judgement.detail}' if judgement.detail else ''}"
    return ""
