"""Which questions two folders share, and how their scores and ranks changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...domain.answer import Phase
from ...domain.critique import Critique
from ...domain.judge_accuracy import Figure
from ...domain.pool_spec import Role
from ...domain.question import Origin, Question
from ...evaluation.divergence.expressions import Ints
from ...records import Manifest, RunFolder, RunRecords
from ...records.status import current_manifest
from ..answer_arrays import AnswerArrays, load_answer_arrays
from ..compute import kind_of
from ..finite import uncut_interval
from .diff_types import QuestionName, QuestionOverlap, ScoreChange
from .shared_questions import anchors


@dataclass(frozen=True)
class FolderQuestions:
    """One folder, read once. ``ranks`` are those of the confirmed questions; ``critiques`` score what is compared."""

    folder: RunFolder
    manifest: Manifest
    evaluated: AnswerArrays
    questions: Mapping[str, Question]
    asked: tuple[str, ...]
    confirmed: tuple[str, ...]
    published: tuple[str, ...]
    records: Mapping[tuple[Phase, Role], Mapping[str, Critique]]

    @property
    def is_run(self) -> bool:
        """Whether questions were grown there."""
        return kind_of(self.manifest) == "run"


def read_questions(folder: RunFolder) -> FolderQuestions:
    """Everything of a folder that a diff compares, but for its settings and steps."""
    manifest = current_manifest(folder)
    evaluated = load_answer_arrays(folder).plain()
    with RunRecords(folder.records_path, read_only=True) as records:
        questions = records.questions()
        asked = tuple(each for each, question in questions.items() if question.origin is not Origin.SEED)
        return FolderQuestions(
            folder=folder,
            manifest=manifest,
            evaluated=evaluated,
            questions=questions,
            asked=asked if kind_of(manifest) == "run" else tuple(each.id for each in evaluated.questions),
            confirmed=records.ids("confirmed"),
            published=records.ids("published"),
            records={
                (phase, group): records.critiques(phase, group)
                for phase, group in (
                    (Phase.CONFIRM, Role.PANEL),
                    (Phase.EVALUATE, Role.PANEL),
                    (Phase.EVALUATE, Role.EXAMINEE),
                )
            },
        )


def linked_rows(
    ours: FolderQuestions, theirs: FolderQuestions, mine: Sequence[Question], others: Sequence[Question]
) -> Ints:
    """(Q, 2) rows of the questions that are the same: by their words, or by their ids where a control varies those."""
    if not _is_control(ours, theirs):
        links = anchors(mine, others)
    else:
        rows = {question.id: row for row, question in enumerate(others)}
        links = [(row, rows[question.id]) for row, question in enumerate(mine) if question.id in rows]
    return np.array(links, dtype=np.int64).reshape(-1, 2)


def _is_control(ours: FolderQuestions, theirs: FolderQuestions) -> bool:
    """Whether one of them asks the other's own questions in other words: then their ids link them."""

    def of(run: Manifest, control: Manifest) -> bool:
        fork = control.fork
        return fork is not None and bool(fork.control) and fork.run_id == run.run_id

    return of(ours.manifest, theirs.manifest) or of(theirs.manifest, ours.manifest)


def overlap(
    ours: FolderQuestions, theirs: FolderQuestions, mine: Sequence[str], others: Sequence[str]
) -> QuestionOverlap:
    """Which of the questions with the ids ``mine`` and ``others`` are in both folders."""
    my_questions = [ours.questions[each] for each in mine]
    their_questions = [theirs.questions[each] for each in others]
    links = linked_rows(ours, theirs, my_questions, their_questions)
    known = set(links[:, 0].tolist())
    known_there = set(links[:, 1].tolist())
    return QuestionOverlap(
        both=len(links),
        only_first=tuple(_named(each) for row, each in enumerate(my_questions) if row not in known),
        only_second=tuple(_named(each) for row, each in enumerate(their_questions) if row not in known_there),
    )


def _named(question: Question) -> QuestionName:
    return QuestionName(id=question.id, question=question.text)


def score_changes(ours: FolderQuestions, theirs: FolderQuestions) -> tuple[ScoreChange, ...]:
    """By the rank in the first. Runs are compared on their confirmations, everything else on its evaluation."""
    both_runs = ours.is_run and theirs.is_run
    groups = [Role.PANEL] if both_runs else [Role.PANEL, Role.EXAMINEE]
    phase = Phase.CONFIRM if both_runs else Phase.EVALUATE
    group = next((each for each in groups if ours.records[phase, each] and theirs.records[phase, each]), groups[0])
    mine = ours.records[phase, group]
    others = theirs.records[phase, group]
    order = [each for each in (ours.confirmed if both_runs else mine) if each in mine]
    my_questions = [ours.questions[each] for each in order]
    their_questions = [theirs.questions[each] for each in others]
    changes = []
    for row, place in linked_rows(ours, theirs, my_questions, their_questions).tolist():
        question, other = my_questions[row], their_questions[place]
        before = _divergence(mine[question.id])
        after = _divergence(others[other.id])
        ranks = _rank(ours, question.id) if both_runs else None, _rank(theirs, other.id) if both_runs else None
        changes.append(
            ScoreChange(
                id=question.id,
                question=question.text,
                fact=question.fact,
                second_question=other.text,
                second_fact=other.fact,
                reworded=(question.text, question.fact) != (other.text, other.fact),
                first=before,
                second=after,
                first_rank=ranks[0],
                second_rank=ranks[1],
                changed=before != after or ranks[0] != ranks[1],
            )
        )
    return tuple(changes)


def _divergence(critique: Critique) -> Figure | None:
    if critique.score is None:
        return None
    return Figure(estimate=critique.score.divergence, interval=uncut_interval(critique))


def _rank(side: FolderQuestions, question_id: str) -> int | None:
    return side.confirmed.index(question_id) + 1 if question_id in side.confirmed else None
