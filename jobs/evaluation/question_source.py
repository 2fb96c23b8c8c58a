"""The questions that an evaluation asks: those that a run has published, or those of a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ...agents.critic.short_form_choice import short_form
from ...domain.answer import Phase
from ...domain.errors import FileError, InputError
from ...domain.pool_spec import Role
from ...domain.question import Question
from ...domain.streams import Stream, generator
from ...domain.texts.command_line import resume_in_text
from ...domain.texts.counting import count, verb
from ...records import Manifest, RunFolder, RunRecords, open_run
from ...records.formats.source_rows import SourceRows, read_source
from ...records.given_questions import questions_of
from ...records.status import current_manifest

PRIMED_QUESTIONS = 20
"""Members are primed on so many questions, from as many topics as there are."""


@dataclass(frozen=True)
class QuestionSource:
    """Questions by rank. ``grown_by`` is the manifest of the run that grew them, None for a file."""

    name: str
    questions: tuple[Question, ...]
    grown_by: Manifest | None = None
    notices: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """A digest of what is asked."""
        texts = [[question.id, question.text, question.fact] for question in self.questions]
        return sha256(json.dumps(texts).encode()).hexdigest()


def read_question_source(origin: Path | SourceRows, short: int | None) -> QuestionSource:
    """The published questions of a run's folder, or those of a file, of another folder, or of rows in memory.

    ``short`` takes the short form of a run's. Raises ``InputError``: there is nothing there, a run has published
    nothing, or a file is not as it should be.
    """
    path = origin if isinstance(origin, Path) else origin.path
    if isinstance(origin, Path) and path.is_dir() and _holds_run(path):
        return _of_run(path, short)
    if short is not None:
        raise InputError(
            f"--short {short}: {path} is no run's folder, and only a run holds answers on which to choose a short form"
        )
    if isinstance(origin, Path) and not path.exists():
        raise FileError(path, "no such run or file of questions", remedy="check the path")
    return _of_rows(read_source(origin) if isinstance(origin, Path) else origin)


def _holds_run(path: Path) -> bool:
    """Whether a folder is a run's, or means to be one: a folder of files holds some that can be read."""
    return RunFolder(path).manifest_path.exists() or not any(each.suffix != "" for each in path.iterdir())


def _of_run(path: Path, short: int | None) -> QuestionSource:
    folder = open_run(path)
    manifest = current_manifest(folder)
    if manifest.recorded is not None or manifest.evaluation is not None:
        what = "its answers were imported" if manifest.recorded is not None else "it is itself an evaluation"
        raise InputError(f"{path}: no question was grown there, {what} — name the run that grew the questions")
    with RunRecords(folder.records_path, read_only=True) as records:
        published = records.ids("published")
        by_id = records.questions(published)
        critiques = [
            records.critiques(phase, group, published)
            for phase, group in ((Phase.SEARCH, Role.SCOUT), (Phase.CONFIRM, Role.PANEL))
        ]
    questions = tuple(by_id[question_id] for question_id in published)
    if not questions:
        raise InputError(f"{path}: this run has published no question — go on with {resume_in_text(path)}")
    notices = []
    if manifest.status != "finished":
        notices.append(f"the run that grew these questions has not finished ({manifest.status})")
    if short is not None and short >= len(questions):
        notices.append(f"--short {short}: the run has published {count(len(questions), 'question')}, and all are asked")
    elif short is not None:
        chosen = {question.id for question in short_form(questions, critiques, short)}
        questions = tuple(question for question in questions if question.id in chosen)
    return QuestionSource(path.resolve().name, questions, manifest, tuple(notices))


def _of_rows(origin: SourceRows) -> QuestionSource:
    file = questions_of(origin)
    notices = ["a file does not tell which models its questions were grown on: only judges are marked as seen"]
    if file.unpublished:
        are = verb(file.unpublished)
        notices.append(f"{count(file.unpublished, 'question')} that {are} marked as not published {are} left out")
    return QuestionSource(origin.path.name, file.questions, None, tuple(notices))


def asking_order(questions: Sequence[Question], seed: int) -> list[Question]:
    """The questions in random order, so that those of a stopped evaluation are a fair sample."""
    rng = generator(seed, Stream.ASKING_ORDER)
    return [questions[place] for place in rng.permutation(len(questions))]


def primed_questions(questions: Sequence[Question], seed: int) -> list[Question]:
    """``PRIMED_QUESTIONS`` of them at random: every topic gives one before any gives a second."""
    rng = generator(seed, Stream.PRIMED_QUESTIONS)
    turns_taken: dict[str, int] = {}
    turns: list[tuple[int, int]] = []
    for place in map(int, rng.permutation(len(questions))):
        turn = turns_taken.get(questions[place].topic_id, 0)
        turns_taken[questions[place].topic_id] = turn + 1
        turns.append((turn, place))
    turns.sort(key=lambda pair: pair[0])  # stable: within a turn the order stays random
    return [questions[place] for _, place in turns[:PRIMED_QUESTIONS]]
