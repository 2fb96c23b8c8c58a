"""A bank: a file of questions that exist already, perhaps with the answers that models have given to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from ..domain.answer import Answer
from ..domain.question import Question
from .formats.source_rows import read_source
from .formats.table_rows import read_bytes
from .given_questions import read_questions
from .recorded_answers import ReadAnswer, read_recorded

ANSWER_COLUMNS = {"model", "answer"}


@dataclass(frozen=True)
class QuestionBank:
    """The questions in the order of the file; ``answers`` are empty where it holds questions alone."""

    questions: tuple[Question, ...]
    answers: tuple[Answer, ...]


def read_bank(path: Path, read_answer: ReadAnswer) -> QuestionBank:
    """The bank in a file. Rows with ``model`` and ``answer`` are recorded answers, with the columns of an import.

    ``read_answer`` finds what an answer's text is. Raises as ``read_questions`` or ``read_recorded`` does.
    """
    return _read_once(path, sha256(read_bytes(path)).hexdigest(), read_answer)


# A run asks for its bank at several places, and to look for refusals in thousands of answers takes seconds each time.
@lru_cache(maxsize=1)
def _read_once(path: Path, digest: str, read_answer: ReadAnswer) -> QuestionBank:
    """The bank; ``digest`` tells a file that was changed from what was read before."""
    _, first = next(iter(read_source(path).rows), ("", {}))
    if not first.keys() >= ANSWER_COLUMNS:
        return QuestionBank(read_questions(path).questions, ())
    recorded = read_recorded(path, {}, read_answer)
    return QuestionBank(recorded.questions, recorded.answers)
