"""A person labels a sample of a folder's answers: which ones, and what was labelled so far, in one file.

Each row of the file is what ``agents.judges.labelled_texts`` reads, and ``sample`` beside it, which says what it was
drawn from: the same command then goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import Field, ValidationError

from ..agents.judges.label_sample import label_sample
from ..domain.answer import PRIMED, Answer, Outcome
from ..domain.errors import FileError, InputError
from ..domain.framework import Framework
from ..domain.reading.files import read_text
from ..domain.record import Record
from ..domain.streams import Stream, generator
from ..domain.texts.safe_text import one_line
from ..records import RunFolder, RunRecords
from ..records.whole_file import check_folder_of, write_whole, written

ANSWERS_TO_DRAW = 60
"""How many are drawn where nobody says: half an hour at half a minute each."""


class LabelSample(Record):
    """What a row was drawn from: which folder, the number of its judged answers, how many of them, and the seed."""

    run: str
    framework: str
    answers: int
    size: int
    seed: int


class LabelledAnswer(Record):
    """One row of the file. ``values`` are ids; None where the person skipped the answer."""

    id: str
    text: tuple[str, ...]
    values: tuple[str, ...] | None
    group: str
    model: str
    weight: float = Field(gt=0)
    sample: LabelSample


@dataclass(frozen=True)
class AnswerToLabel:
    """What the person is shown, the question and the key points, and what only the file holds. One line each text."""

    id: str
    question: str
    key_points: tuple[str, ...]
    model: str
    weight: float


class LabelSession:
    """The answers of one sample, in their order, and their labels, each of which is on disk when ``put`` returns."""

    def __init__(
        self,
        path: Path,
        framework: Framework,
        sample: LabelSample,
        drawn: Sequence[AnswerToLabel],
        rows: Sequence[LabelledAnswer],
    ) -> None:
        self.path = path
        self.framework = framework
        self.drawn = tuple(drawn)
        self._sample = sample
        self._rows = list(rows)

    @property
    def done(self) -> int:
        """How many are behind the person, skipped ones among them."""
        return len(self._rows)

    @property
    def skipped(self) -> int:
        """How many were skipped."""
        return sum(row.values is None for row in self._rows)

    @property
    def present(self) -> AnswerToLabel | None:
        """The answer to be labelled now; None when all are."""
        return self.drawn[self.done] if self.done < len(self.drawn) else None

    def put(self, values: Sequence[str] | None) -> None:
        """Labels the present answer, None to skip it. Raises ``FileError`` when the file cannot be written."""
        answer = self.drawn[self.done]
        row = LabelledAnswer(
            id=answer.id,
            text=answer.key_points,
            values=None if values is None else tuple(values),
            group=answer.question,
            model=answer.model,
            weight=answer.weight,
            sample=self._sample,
        )
        self._write([*self._rows, row])

    def undo(self) -> None:
        """Takes the last label back; nothing where there is none. Raises ``FileError`` as ``put``."""
        if self._rows:
            self._write(self._rows[:-1])

    def _write(self, rows: list[LabelledAnswer]) -> None:
        with written(self.path):
            write_whole(self.path, "".join(f"{row.model_dump_json()}\n" for row in rows))
        self._rows = rows


def open_label_session(folder: RunFolder, path: Path, size: int | None, seed: int | None) -> LabelSession:
    """The sample of ``folder``'s judged answers, with what ``path`` holds of it if the file is there.

    ``size`` and ``seed`` are those of the file where they are None, else ``ANSWERS_TO_DRAW`` and 0. Raises
    ``InputError`` for a folder without judged answers, a sample that is too small, and a file of another sample.
    """
    check_folder_of(path)
    manifest = folder.read_manifest()
    framework = manifest.framework
    rows = _read(path) if path.exists() else []
    begun = rows[0].sample if rows else None
    with RunRecords(folder.records_path, read_only=True) as records:
        judged = list(_judged(records))
    if not judged:
        raise InputError(
            f"{folder.path}: it holds no answer that was judged — name a run, evaluation or import with some"
        )
    sample = LabelSample(
        run=manifest.run_id,
        framework=framework.id,
        answers=len(judged),
        size=size or (begun.size if begun else ANSWERS_TO_DRAW),
        seed=seed if seed is not None else (begun.seed if begun else 0),
    )
    for row in rows:
        _check_same(path, row.sample, sample)
    if sample.size < len(framework.values):
        least = len(framework.values)
        raise InputError(f"--rows {sample.size}: too few for {least} values — label at least {least} answers")
    found = np.array([[value in values for value in framework.value_ids] for _, _, values in judged])
    chosen, weights = label_sample(found, sample.size, generator(sample.seed, Stream.LABEL_SAMPLE))
    drawn = [
        _to_label(question, answer, weight)
        for (question, answer, _), weight in zip((judged[place] for place in chosen), weights.tolist(), strict=True)
    ]
    if [row.id for row in rows] != [answer.id for answer in drawn[: len(rows)]]:
        raise FileError(path, "its rows are not this sample's", remedy="name a file of your own labels, or a new one")
    return LabelSession(path, framework, sample, drawn, rows)


def _judged(records: RunRecords) -> Iterator[tuple[str, Answer, frozenset[str]]]:
    """A question's text, an answer to it, and the values that the judge found; none of members told to hold a value."""
    for question in records.questions().values():
        for answer, judgement in zip(*records.answers(question.id), strict=True):
            if judgement is None or judgement.outcome is not Outcome.ANSWERED or answer.wording.startswith(PRIMED):
                continue
            yield question.text, answer, judgement.values


def _to_label(question: str, answer: Answer, weight: float) -> AnswerToLabel:
    parts = (answer.question_id, answer.phase.value, answer.member, answer.wording, str(answer.sample))
    return AnswerToLabel(
        id=one_line("/".join(part for part in parts if part)),
        question=one_line(question),
        key_points=tuple(text for point in answer.key_points if (text := one_line(point.text))),
        model=one_line(answer.member),
        weight=round(weight, 4),
    )


def _read(path: Path) -> list[LabelledAnswer]:
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        try:
            rows.append(LabelledAnswer.model_validate_json(line))
        except ValidationError:
            problem = "was not written by 'adaem judge label'"
            raise FileError(path, problem, place=f"line {number}", remedy="name a new file with --out") from None
    return rows


def _check_same(path: Path, begun: LabelSample, sample: LabelSample) -> None:
    if begun == sample:
        return
    if begun.run != sample.run:
        problem, remedy = f"holds labels of another run, {one_line(begun.run)}", "name a new file with --out"
    elif begun.framework != sample.framework:
        problem = f"its labels are of the framework {one_line(begun.framework)!r}, this run's is {sample.framework!r}"
        remedy = "name a new file with --out"
    elif begun.answers != sample.answers:
        problem = f"was begun when the run had {begun.answers} judged answers, it has {sample.answers} now"
        remedy = "name a new file with --out"
    else:
        problem = f"was begun with --rows {begun.size} --seed {begun.seed}"
        remedy = "leave both out to go on, or name a new file with --out"
    raise FileError(path, problem, remedy=remedy)
