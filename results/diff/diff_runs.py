"""Two folders side by side: which settings, steps, questions, scores, ranks and contrasts differ, and which do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...domain.answer import Phase
from ...domain.critique import Critique
from ...domain.errors import InputError
from ...domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from ...domain.judge_accuracy import Figure
from ...domain.pool_spec import Role
from ...domain.question import Origin, Question
from ...domain.texts.counting import count
from ...evaluation.divergence.expressions import Ints
from ...records import Manifest, RunFolder, RunRecords, open_run
from ...records.status import current_manifest
from ..answer_arrays import Evaluated, load_evaluated
from ..comparison.shared_questions import anchors
from ..compute import kind_of
from ..finite import uncut_interval
from .contrast_survival import findings
from .diff_sentences import sentences
from .diff_types import Diffed, DiffedFolder, Named, Overlap, ScoredBoth
from .setting_differences import settings_that_differ
from .step_differences import steps_that_differ


@dataclass(frozen=True)
class _Folder:
    """One folder, read once. ``ranks`` are those of the confirmed questions; ``critiques`` score what is compared."""

    folder: RunFolder
    manifest: Manifest
    evaluated: Evaluated
    questions: Mapping[str, Question]
    asked: tuple[str, ...]
    confirmed: tuple[str, ...]
    published: tuple[str, ...]
    records: Mapping[tuple[Phase, Role], Mapping[str, Critique]]

    @property
    def is_run(self) -> bool:
        """Whether questions were grown there."""
        return kind_of(self.manifest) == "run"


def diff(first: Path, second: Path) -> Diffed:
    """Everything that is not the same in the second folder, and what is.

    Raises ``InputError`` for one folder named twice, ``FileError`` for a folder that is none.
    """
    if first.resolve() == second.resolve():
        raise InputError(f"{second}: is the same folder as the first — a diff takes two: adaem diff RUN_A RUN_B")
    names = [path.resolve().name for path in (first, second)]
    if names[0] == names[1]:
        names = [str(first), str(second)]
    ours, theirs = (_read(open_run(path)) for path in (first, second))
    rows = _same(ours, theirs)
    found, paired = findings(ours.evaluated, theirs.evaluated, rows)
    both_runs = ours.is_run and theirs.is_run
    result = Diffed(
        folders=(_told(names[0], ours), _told(names[1], theirs)),
        values={value.id: value.name for each in (theirs, ours) for value in each.manifest.framework.values},
        nothing_differs=False,
        sentences=(),
        notes=_notes(names, ours, theirs),
        settings=settings_that_differ(ours.manifest, theirs.manifest),
        steps=steps_that_differ(ours.folder, theirs.folder) if both_runs else None,
        asked=_overlap(ours, theirs, ours.asked, theirs.asked),
        confirmed=_overlap(ours, theirs, ours.confirmed, theirs.confirmed) if both_runs else None,
        published=_overlap(ours, theirs, ours.published, theirs.published) if both_runs else None,
        scored=_scored(ours, theirs),
        paired=paired,
        findings=found,
    )
    result = result.model_copy(update={"nothing_differs": _nothing_differs(result)})
    return result.model_copy(update={"sentences": sentences(result, theirs.manifest.fork)})


def _read(folder: RunFolder) -> _Folder:
    manifest = current_manifest(folder)
    evaluated = load_evaluated(folder).plain()
    with RunRecords(folder.records_path, read_only=True) as records:
        questions = records.questions()
        asked = tuple(each for each, question in questions.items() if question.origin is not Origin.SEED)
        return _Folder(
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


def _told(name: str, side: _Folder) -> DiffedFolder:
    return DiffedFolder(
        name=name,
        kind=kind_of(side.manifest),
        run_id=side.manifest.run_id,
        status=side.manifest.status,
        simulated=side.manifest.simulated,
        models=side.evaluated.models,
    )


def _notes(names: Sequence[str], *sides: _Folder) -> tuple[str, ...]:
    notes = [
        f"{name} is {side.manifest.status}: only what it has so far is compared"
        for name, side in zip(names, sides, strict=True)
        if side.manifest.status != "finished"
    ]
    for name, side in zip(names, sides, strict=True):
        if not side.evaluated.questions:
            notes.append(f"{name} has no evaluated question: no contrast can be compared")
        elif (topics := len(np.unique(side.evaluated.topics))) < FEWEST_TOPICS_FOR_A_VERDICT:
            few = f"with fewer than {FEWEST_TOPICS_FOR_A_VERDICT} no difference can be settled there"
            notes.append(f"{name} has evaluated questions from {count(topics, 'topic')}: {few}")
    if not set(sides[0].evaluated.values) & set(sides[1].evaluated.values):
        notes.append("The two have no value in common: no contrast can be compared")
    return tuple(notes)


def _is_control(ours: _Folder, theirs: _Folder) -> bool:
    """Whether one of them asks the other's own questions in other words: then their ids link them."""

    def of(run: Manifest, control: Manifest) -> bool:
        fork = control.fork
        return fork is not None and bool(fork.control) and fork.run_id == run.run_id

    return of(ours.manifest, theirs.manifest) or of(theirs.manifest, ours.manifest)


def _links(
    ours: _Folder, theirs: _Folder, mine: Sequence[Question], others: Sequence[Question]
) -> list[tuple[int, int]]:
    """Rows of the questions that are the same in both: by their words, or by their ids where a control varies those."""
    if not _is_control(ours, theirs):
        return anchors(mine, others)
    rows = {question.id: row for row, question in enumerate(others)}
    return [(row, rows[question.id]) for row, question in enumerate(mine) if question.id in rows]


def _same(ours: _Folder, theirs: _Folder) -> Ints:
    links = _links(ours, theirs, ours.evaluated.questions, theirs.evaluated.questions)
    return np.array(links, dtype=np.int64).reshape(-1, 2)


def _overlap(ours: _Folder, theirs: _Folder, mine: Sequence[str], others: Sequence[str]) -> Overlap:
    my_questions = [ours.questions[each] for each in mine]
    their_questions = [theirs.questions[each] for each in others]
    links = _links(ours, theirs, my_questions, their_questions)
    known, known_there = {row for row, _ in links}, {row for _, row in links}
    return Overlap(
        both=len(links),
        only_first=tuple(_named(each) for row, each in enumerate(my_questions) if row not in known),
        only_second=tuple(_named(each) for row, each in enumerate(their_questions) if row not in known_there),
    )


def _named(question: Question) -> Named:
    return Named(id=question.id, question=question.text)


def _scored(ours: _Folder, theirs: _Folder) -> tuple[ScoredBoth, ...]:
    """By the rank in the first. Runs are compared on their confirmations, everything else on its evaluation."""
    both_runs = ours.is_run and theirs.is_run
    groups = [Role.PANEL] if both_runs else [Role.PANEL, Role.EXAMINEE]
    phase = Phase.CONFIRM if both_runs else Phase.EVALUATE
    group = next((each for each in groups if ours.records[phase, each] and theirs.records[phase, each]), groups[0])
    mine, others = ours.records[phase, group], theirs.records[phase, group]
    order = [each for each in (ours.confirmed if both_runs else mine) if each in mine]
    my_questions = [ours.questions[each] for each in order]
    their_questions = [theirs.questions[each] for each in others]
    found = []
    for row, place in _links(ours, theirs, my_questions, their_questions):
        question, other = my_questions[row], their_questions[place]
        before, after = _divergence(mine[question.id]), _divergence(others[other.id])
        ranks = _rank(ours, question.id) if both_runs else None, _rank(theirs, other.id) if both_runs else None
        found.append(
            ScoredBoth(
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
    return tuple(found)


def _divergence(critique: Critique) -> Figure | None:
    if critique.score is None:
        return None
    return Figure(estimate=critique.score.divergence, interval=uncut_interval(critique))


def _rank(side: _Folder, question_id: str) -> int | None:
    return side.confirmed.index(question_id) + 1 if question_id in side.confirmed else None


def _nothing_differs(found: Diffed) -> bool:
    overlaps = [each for each in (found.asked, found.confirmed, found.published) if each is not None]
    return not (
        found.settings
        or (found.steps is not None and found.steps.first_change)
        or any(each.only_first or each.only_second for each in overlaps)
        or any(each.changed or each.reworded for each in found.scored)
        or not all(each.alike for each in found.findings)
    )
