"""Answers that exist already, read from rows of whatever file into domain records (METHOD.md section 1).

Questions are known by their id, never by their text. Every row becomes an answer with an outcome, or the file is
refused with the row that is wrong: none is dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from ..domain.answer import Answer, AnswerText, KeyPoint, Outcome, Phase
from ..domain.errors import FileError, InputError
from ..domain.question import Origin, Question
from ..domain.record import Record
from ..domain.texts.safe_text import one_line
from .formats.dotted_path import ABSENT, value_at
from .formats.source_rows import SourceFormat, SourceRows, read_source
from .refusal_column import said_refusal
from .repeated_words import without_repeated_words

REQUIRED = ("question_id", "question", "model", "answer")
OPTIONAL_COLUMNS = ("wording", "sample", "topic", "refused")
"""Read where they are present; a topic and a refusal only where their column is named."""

ReadAnswer = Callable[[str, str], AnswerText]
"""What the text of an answer to a question is, by the rules of live ones (``pool.replies.recorded_text``)."""

Repeats = Literal["keep-first", "samples"]
"""What becomes of rows of one model, question and wording: the same words count once, or each is a sample of its own;
both whatever number they have. Missing answers are all counted."""

JUDGED_CHARACTERS = 20_000
"""A longer answer is judged on its first so many characters, and counted. Real ones seldom reach a tenth of that."""


class RecordedSource(Record):
    """Where a run's answers come from, and what was found there. The file's name and digest, never its place.

    excluded    answers that enter no statistic, by reason; they are kept in the records
    shortened   answers judged on their first ``JUDGED_CHARACTERS`` characters only
    repeated    answers that repeat another one of the same model to the same wording, word for word
    retold      question ids that stand with more than one text; the first text is kept
    thinking    answers whose thinking was taken off before they were read
    unsaid      answers of which the column of refusals says nothing, so that their words decide
    left_out    rows that repeat another one and were left out, as ``--repeats keep-first`` asks
    format      what the file was read as, see ``formats.source_rows.SourceFormat``
    """

    file: str
    sha256: str
    columns: dict[str, str]
    rows: int
    questions: int
    models: tuple[str, ...]
    wordings: tuple[str, ...]
    excluded: dict[str, int]
    shortened: int
    repeated: int
    retold: int
    thinking: int = 0
    unsaid: int = 0
    left_out: int = 0
    format: str = "rows"

    @property
    def outcomes(self) -> dict[str, int]:
        """How many answers came to what: the answered first, then the reasons of ``excluded``."""
        return {Outcome.ANSWERED.value: self.rows - sum(self.excluded.values()), **self.excluded}


@dataclass(frozen=True)
class RecordedAnswers:
    """A file of recorded answers: its questions in the order of their first row, its answers in that of the rows."""

    source: RecordedSource
    questions: tuple[Question, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class _Row:
    """One row with its place in the file, each text on one line, as a judge reads it."""

    place: str
    question_id: str
    question: str
    model: str
    answer: AnswerText
    wording: str
    sample: int | None
    topic: str
    refused: bool | None


def parse_columns(pairs: Sequence[str], names: Sequence[str] = (*REQUIRED, *OPTIONAL_COLUMNS)) -> dict[str, str]:
    """``name=column`` pairs as a mapping. Raises ``InputError`` for a name not in ``names``, or one given twice."""
    columns: dict[str, str] = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        if not equals or not column or name not in names:
            known = ", ".join(names)
            raise InputError(f"command line, --map {pair!r}: not of the form name=column, with a name of {known}")
        if name in columns:
            raise InputError(f"command line, --map {pair!r}: {name} is mapped twice — map it once")
        columns[name] = column
    return columns


def read_recorded(
    path: Path,
    columns: Mapping[str, str],
    read_answer: ReadAnswer,
    *,
    kind: SourceFormat | None = None,
    repeats: Repeats | None = None,
) -> RecordedAnswers:
    """All answers of a file or a folder: see ``recorded_of``. ``kind`` says what it is, else it is recognised."""
    return recorded_of(read_source(path, kind), columns, read_answer, repeats=repeats)


def recorded_of(
    origin: SourceRows, columns: Mapping[str, str], read_answer: ReadAnswer, *, repeats: Repeats | None = None
) -> RecordedAnswers:
    """All answers of the rows.

    ``columns`` maps names of ``REQUIRED`` and ``OPTIONAL_COLUMNS`` to the file's, dotted paths among them; the others
    keep their own. ``read_answer`` finds what an answer's text is; where a column of refusals is mapped, it decides
    between answer and refusal, and the text where it is silent. Samples are numbered in file order within question,
    model and wording where no column gives them. ``repeats`` says what becomes of rows that repeat another one. Raises
    ``FileError`` with the row that cannot be read, lacks a column, or is a duplicate, and ``InputError`` for options
    that mean nothing.
    """
    _check_options(columns, repeats)
    path, columns = origin.path, {**origin.columns, **columns}
    rows = list(_checked_rows(path, origin.rows, columns, read_answer))
    if not rows:
        raise FileError(path, "holds no answers", remedy="give it one row for each answer")
    rows, left_out = _first_of_each(rows) if repeats == "keep-first" else (rows, 0)
    if repeats == "samples":
        rows = [replace(row, sample=None) for row in rows]
    questions: dict[str, Question] = {}
    texts: dict[str, set[str]] = {}
    for row in rows:
        texts.setdefault(row.question_id, set()).add(row.question)
        questions.setdefault(row.question_id, _question(row))
    answers = without_repeated_words(
        [_answer(row, sample) for row, sample in zip(rows, _samples(path, rows), strict=True)],
        {question.id: question.text for question in questions.values()},
    )
    excluded = Counter(_reason(answer) for answer in answers if answer.outcome is not Outcome.ANSWERED)
    answered = [(a.question_id, a.member, a.wording, a.key_points) for a in answers if a.outcome is Outcome.ANSWERED]
    source = RecordedSource(
        file=one_line(path.name),
        sha256=origin.sha256,
        columns=dict(columns),
        rows=len(rows),
        questions=len(questions),
        models=tuple(sorted({row.model for row in rows})),
        wordings=tuple(sorted({row.wording for row in rows} - {""})),
        excluded=dict(sorted(excluded.items())),
        shortened=sum(answer.outcome is Outcome.ANSWERED and answer.detail != "" for answer in answers),
        repeated=len(answered) - len(set(answered)),
        retold=sum(len(each) > 1 for each in texts.values()),
        thinking=sum(row.answer.thinking for row in rows),
        unsaid=sum(row.refused is None for row in rows) if "refused" in columns else 0,
        left_out=left_out,
        format=origin.format,
    )
    return RecordedAnswers(source, tuple(questions.values()), answers)


def _check_options(columns: Mapping[str, str], repeats: Repeats | None) -> None:
    """A command line has checked them; a Python program may give anything."""
    for name, column in columns.items():
        if name not in (*REQUIRED, *OPTIONAL_COLUMNS) or not isinstance(column, str) or not column:
            known = ", ".join((*REQUIRED, *OPTIONAL_COLUMNS))
            raise InputError(f"columns, {name!r}: {column!r} — give the name of a column for each of {known}")
    if repeats is not None and repeats not in get_args(Repeats):
        raise InputError(f"--repeats {repeats}: unknown — choose one of {', '.join(get_args(Repeats))}")


def _first_of_each(rows: Sequence[_Row]) -> tuple[list[_Row], int]:
    """Without those that say the same to the same question as an earlier one; how many those were.

    An answer without words says nothing that another could repeat: only one with its sample's number is its copy.
    """
    first: dict[tuple[object, ...], _Row] = {}
    for row in rows:
        silent = None if row.answer.text else row.place if row.sample is None else row.sample
        first.setdefault((row.question_id, row.model, row.wording, row.answer.text, silent), row)
    return list(first.values()), len(rows) - len(first)


def _checked_rows(
    path: Path,
    rows: Iterable[tuple[str, Mapping[str, object]]],
    columns: Mapping[str, str],
    read_answer: ReadAnswer,
) -> Iterator[_Row]:
    name_of = {name: columns.get(name, name) for name in (*REQUIRED, *OPTIONAL_COLUMNS)}
    demanded = [name_of[name] for name in (*REQUIRED, *(name for name in OPTIONAL_COLUMNS if name in columns))]
    sampled: bool | None = None
    has_refusals = "refused" in columns
    for place, row in rows:
        if missing := [column for column in demanded if value_at(row, column) is ABSENT]:
            raise FileError(
                path,
                f"missing: {', '.join(map(one_line, missing))}; present: {', '.join(map(one_line, row)) or 'nothing'}",
                place=place,
                remedy="rename the columns, or name them where the file is imported: --map model=engine; "
                "where each model has a column of its own: --from wide",
            )
        if sampled is None:
            sampled = value_at(row, name_of["sample"]) is not ABSENT
        texts = {name: _text(path, place, name, value_at(row, name_of[name])) for name in (*REQUIRED, "wording")}
        answer = read_answer(texts.pop("answer"), texts["question"])
        lines = {name: one_line(text) for name, text in texts.items()}
        for name in ("question_id", "question", "model"):
            if not lines[name]:
                raise FileError(path, f"the {name} is empty", place=place, remedy="fill it in, or remove the row")
        topic = value_at(row, name_of["topic"]) if "topic" in columns else ""
        yield _Row(
            place=place,
            **lines,
            answer=answer.model_copy(update={"text": one_line(answer.text)}),
            sample=_sample(path, place, value_at(row, name_of["sample"])) if sampled else None,
            topic=one_line(_text(path, place, "topic", topic)),
            refused=said_refusal(path, place, columns["refused"], value_at(row, columns["refused"]))
            if has_refusals
            else None,
        )


def _text(path: Path, place: str, name: str, value: object) -> str:
    if (
        value is None or value is ABSENT or (name == "answer" and value != value)
    ):  # JSON of pandas writes NaN for a missing cell
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and name != "answer":
        return str(value)
    raise FileError(path, f"the {name} is not text ({value!r:.40})", place=place, remedy="write it as text")


def _sample(path: Path, place: str, value: object) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise FileError(path, f"the sample is {value!r:.40}", place=place, remedy="number samples 0, 1, 2 …")
    return int(text)


def _samples(path: Path, rows: Sequence[_Row]) -> Iterator[int]:
    """The sample number of each row. Raises ``FileError`` for a number that its key has already."""
    numbered: Counter[tuple[str, str, str]] = Counter()
    seen: dict[tuple[str, str, str, int], str] = {}
    for row in rows:
        key = row.question_id, row.model, row.wording
        if row.sample is None:
            yield numbered[key]
            numbered[key] += 1
            continue
        if first := seen.get((*key, row.sample)):
            raise FileError(
                path,
                f"question {row.question_id!r}, model {row.model!r}, wording {row.wording!r}, sample {row.sample} "
                f"is a duplicate of {first}",
                place=row.place,
                remedy="remove one, number the samples apart, or say what they are: --repeats keep-first or samples",
            )
        seen[(*key, row.sample)] = row.place
        yield row.sample


def _question(row: _Row) -> Question:
    return Question(
        id=row.question_id,
        topic_id=row.topic or row.question_id,
        topic=row.topic or row.question,
        text=row.question,
        origin=Origin.RECORDED,
    )


def _answer(row: _Row, sample: int) -> Answer:
    outcome, detail = row.answer.outcome, row.answer.detail
    if row.refused:
        outcome, detail = Outcome.REFUSED, "the file says so"
    elif row.refused is False and outcome is Outcome.REFUSED and row.answer.text:
        outcome, detail = Outcome.ANSWERED, ""
    if outcome is Outcome.ANSWERED and len(row.answer.text) > JUDGED_CHARACTERS:
        detail = f"{len(row.answer.text)} characters, judged on the first {JUDGED_CHARACTERS}"
    text = row.answer.text[:JUDGED_CHARACTERS]
    return Answer(
        question_id=row.question_id,
        member=row.model,
        phase=Phase.EVALUATE,
        sample=sample,
        wording=row.wording,
        outcome=outcome,
        key_points=(KeyPoint(point=text, justification=""),) if text else (),
        detail=detail,
    )


def _reason(answer: Answer) -> str:
    """Its outcome, with the reason where the outcome alone does not give it."""
    return f"{answer.outcome.value} ({answer.detail})" if answer.outcome is Outcome.UNPARSABLE else answer.outcome.value
