"""Questions that somebody gives: a file of any format that ``formats/`` reads, or rows that a program holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..domain.errors import FileError
from ..domain.question import Origin, Question
from ..domain.texts.safe_text import one_line
from ..domain.texts.text_ids import question_id_of, words_digest
from .formats.source_rows import SourceFormat, SourceRows, read_source

LONGEST_ID = 200

UNPUBLISHED = (False, "false", "False", "FALSE")
"""How JSON and tables say that a question is not published."""


@dataclass(frozen=True)
class GivenQuestions:
    """The questions of a file in its order; ``unpublished`` more are marked as such, and left out."""

    questions: tuple[Question, ...]
    unpublished: int


def read_questions(path: Path, kind: SourceFormat | None = None) -> GivenQuestions:
    """The questions of a file or a folder: see ``questions_of``. ``kind`` says what it is, else it is recognised."""
    return questions_of(read_source(path, kind))


def questions_of(source: SourceRows) -> GivenQuestions:
    """Rows with a ``question``, perhaps ``fact``, ``question_id`` or ``id``, ``topic``, ``topic_id``, ``published``.

    A row with a ``question_id`` may have an ``id`` of its own. Where the rows are answers, each question is taken once.
    Raises ``FileError``: no such file, no question in it, a duplicate, a row that is not as it should be.
    """
    path = source.path
    questions: dict[str, Question] = {}
    places: dict[str, str] = {}
    unpublished = 0
    for place, row in source.rows:
        question = _question(path, place, row)
        if row.get("published") in UNPUBLISHED:
            unpublished += 1
            continue
        if "answer" in row and question.id in questions:
            continue
        for key, what in ((_words(question), "the question"), (question.id, f"the id {question.id!r}")):
            if (before := places.setdefault(key, place)) != place:
                raise FileError(path, f"{what} is a duplicate of {before}", place=place, remedy="keep one of them")
        questions[question.id] = question
    if not questions:
        left_out = f": all {unpublished} are marked as not published" if unpublished else ""
        raise FileError(path, f"holds no question{left_out}", remedy='write {"question": "…"}, one a line')
    return GivenQuestions(tuple(questions.values()), unpublished)


def _question(path: Path, place: str, row: Mapping[str, object]) -> Question:
    """One row as a question. Without an id it has one of its words; without a topic it is a topic of its own."""
    text = _text(path, place, row, "question")
    if not text:
        raise FileError(path, "has no 'question'", place=place, remedy='write {"question": "…"}')
    fact = _text(path, place, row, "fact")
    topic = _text(path, place, row, "topic")
    own_id = _text(path, place, row, "question_id") or _text(path, place, row, "id")
    question_id = own_id or question_id_of(text, fact)
    topic_id = _text(path, place, row, "topic_id") or (f"t-{words_digest(topic)}" if topic else question_id)
    for key in (question_id, topic_id):
        if len(key) > LONGEST_ID:
            raise FileError(path, f"the id {key[:20]!r}… is longer than {LONGEST_ID} characters", place=place)
    return Question(
        id=question_id, topic_id=topic_id, topic=topic or text, text=text, fact=fact, origin=Origin.RECORDED
    )


def _text(path: Path, place: str, row: Mapping[str, object], key: str) -> str:
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and key in ("id", "question_id", "topic_id"):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise FileError(path, f"{key!r} is not text", place=place, remedy="put it in quotes")
    return one_line(value or "")


def _words(question: Question) -> str:
    # A line end tells it apart from every id.
    return f"{question.text}\n{question.fact}"
