"""A bank: a file of questions that exist already, perhaps with the answers that models have given to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..domain.answer import Answer
from ..domain.question import Question
from .given_questions import read_questions
from .recorded_answers import read_recorded
from .rows import read_bytes, read_rows

ANSWER_COLUMNS = {"model", "answer"}


@dataclass(frozen=True)
class Bank:
    """The questions in the order of the file; ``answers`` are empty where it holds questions alone."""

    questions: tuple[Question, ...]
    answers: tuple[Answer, ...]


def read_bank(path: Path, declines: Callable[[str], bool]) -> Bank:
    """The bank in a file. Rows with ``model`` and ``answer`` are recorded answers, with the columns of an import.

    ``declines`` tells a refusal by its text. Raises ``FileError`` as ``read_questions`` or ``read_recorded`` does.
    """
    _, first = next(read_rows(path, read_bytes(path)), ("", {}))
    if not first.keys() >= ANSWER_COLUMNS:
        return Bank(read_questions(path).questions, ())
    recorded = read_recorded(path, {}, declines)
    return Bank(recorded.questions, recorded.answers)
