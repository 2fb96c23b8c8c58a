"""One question with the models' answers to it, side by side, and what the judge labelled in each."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from ..domain.answer import Answer, Phase
from ..domain.errors import InputError
from ..domain.judgement import Judgement
from ..domain.record import Record
from ..domain.texts.command_line import command_in_text
from ..records import RunFolder, RunRecords

_NEWEST = (Phase.EVALUATE, Phase.CONFIRM, Phase.SEARCH)
"""The phases, that of the freshest answers first."""


class JudgedAnswer(Record):
    """An answer and its labels; ``judgement`` is None for one that was not judged."""

    answer: Answer
    judgement: Judgement | None


class ModelAnswers(Record):
    """One model's answers, from the last phase in which it was asked the question."""

    model: str
    phase: Phase
    answers: tuple[JudgedAnswer, ...]


class AnsweredQuestion(Record):
    """A question and who answered what. ``rank`` among the ``of`` re-tested ones, None for a question that is not."""

    question_id: str
    topic_id: str
    question: str
    fact: str
    rank: int | None
    of: int
    models: tuple[ModelAnswers, ...]


def question_answers(folder: RunFolder, question: str, models: Sequence[str] = ()) -> AnsweredQuestion:
    """The answers to ``question``, an id or a rank, of ``models``; of all that were asked it by default.

    Raises ``InputError``, with the nearest names, for a question or a model that the folder does not have.
    """
    with RunRecords(folder.records_path, read_only=True) as records:
        ranking = records.ids("confirmed")
        asked = records.questions()
        named = _by_rank(question, ranking) or question
        if named not in asked:
            raise InputError(f"{folder.path}: {_no_question(question, list(asked), len(ranking), folder)}")
        by_model: dict[str, dict[Phase, list[JudgedAnswer]]] = {}
        for answer, judgement in zip(*records.answers(named), strict=True):
            of_model = by_model.setdefault(answer.member, {})
            of_model.setdefault(answer.phase, []).append(JudgedAnswer(answer=answer, judgement=judgement))
    for model in models:
        if model not in by_model:
            asked_models = ", ".join(by_model) or "none"
            raise InputError(f"{folder.path}: {model!r} was not asked {named} — models that were: {asked_models}")
    text = asked[named]
    return AnsweredQuestion(
        question_id=named,
        topic_id=text.topic_id,
        question=text.text,
        fact=text.fact,
        rank=ranking.index(named) + 1 if named in ranking else None,
        of=len(ranking),
        models=tuple(_newest(model, by_model[model]) for model in (models or by_model)),
    )


def _newest(model: str, phases: dict[Phase, list[JudgedAnswer]]) -> ModelAnswers:
    phase = next(each for each in _NEWEST if each in phases)
    return ModelAnswers(model=model, phase=phase, answers=tuple(phases[phase]))


def _by_rank(question: str, ranking: Sequence[str]) -> str | None:
    number = int(question) if question.isascii() and question.isdigit() and len(question) < 9 else 0
    return ranking[number - 1] if 1 <= number <= len(ranking) else None


def _no_question(question: str, asked: Sequence[str], ranked: int, folder: RunFolder) -> str:
    close = get_close_matches(question, asked, n=4, cutoff=0.3)
    if close:
        hint = f"did you mean {', '.join(close)}?"
    elif ranked:
        hint = f"give a rank from 1 to {ranked}, or an id of {command_in_text('adaem', 'trace', str(folder.path))}"
    else:
        hint = f"see {command_in_text('adaem', 'trace', str(folder.path))} for the ids"
    return f"no question is called {question!r} — {hint}"
