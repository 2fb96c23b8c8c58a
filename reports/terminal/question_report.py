"""One question in the terminal with the models' answers: two models side by side, more below each other."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table

from ...results.question_answers import AnsweredQuestion, ModelAnswers
from ..plain_text import plain
from .answer_text import answer_text


def question_report(question: AnsweredQuestion, banner: str) -> RenderableType:
    """The question, then every answer with its labels and the words that the judge quotes. ``banner`` stands first."""
    rank = "" if question.rank is None else f", rank {question.rank} of {question.of}"
    parts: list[RenderableType] = [plain(banner, style="bold")] if banner else []
    parts.append(plain(f"question {question.question_id}, topic {question.topic_id}{rank}", style="bold"))
    if question.fact:
        parts.append(plain(f"Given before it, as a model claims: {question.fact}"))
    parts.append(plain(question.question))
    if len(question.models) == 2:
        table = Table.grid(expand=True, padding=(0, 2, 0, 0))
        for _ in question.models:
            table.add_column(ratio=1)
        table.add_row(*(_answers(each) for each in question.models))
        parts.append(table)
    else:
        parts += [_answers(each) for each in question.models]
    if not question.models:
        parts.append(plain("No model has answered it."))
    return Group(*parts)


def _answers(model: ModelAnswers) -> RenderableType:
    texts = [answer_text(each.answer, each.judgement) for each in model.answers]
    return Group(Rule(plain(f"{model.model} ({model.phase.value})"), characters="-", align="left"), *texts)
