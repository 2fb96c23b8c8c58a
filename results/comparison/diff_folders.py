"""Two folders side by side: which settings, steps, questions, scores, ranks and contrasts differ, and which do not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...domain.errors import InputError
from ...domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from ...domain.texts.counting import count
from ...records import open_run
from .compared_folder import compared_folder, folder_names, unfinished
from .contrast_survival import findings
from .diff_sentences import sentences
from .diff_types import FolderDiff
from .question_differences import FolderQuestions, linked_rows, overlap, read_questions, score_changes
from .setting_differences import settings_that_differ
from .step_differences import steps_that_differ


def diff(first: Path, second: Path) -> FolderDiff:
    """Everything that is not the same in the second folder, and what is.

    Raises ``InputError`` for one folder named twice, ``FileError`` for a folder that is none.
    """
    if first.resolve() == second.resolve():
        raise InputError(f"{second}: is the same folder as the first — a diff takes two: adaem diff RUN_A RUN_B")
    names = folder_names((first, second))
    ours, theirs = (read_questions(open_run(path)) for path in (first, second))
    rows = linked_rows(ours, theirs, ours.evaluated.questions, theirs.evaluated.questions)
    survivals, paired = findings(ours.evaluated, theirs.evaluated, rows)
    both_runs = ours.is_run and theirs.is_run
    result = FolderDiff(
        folders=(
            compared_folder(names[0], ours.evaluated, len(rows)),
            compared_folder(names[1], theirs.evaluated, len(rows)),
        ),
        values={value.id: value.name for each in (theirs, ours) for value in each.manifest.framework.values},
        nothing_differs=False,
        sentences=(),
        notes=_notes(names, ours, theirs),
        settings=settings_that_differ(ours.manifest, theirs.manifest),
        steps=steps_that_differ(ours.folder, theirs.folder) if both_runs else None,
        asked=overlap(ours, theirs, ours.asked, theirs.asked),
        confirmed=overlap(ours, theirs, ours.confirmed, theirs.confirmed) if both_runs else None,
        published=overlap(ours, theirs, ours.published, theirs.published) if both_runs else None,
        scored=score_changes(ours, theirs),
        paired=paired,
        findings=survivals,
    )
    result = result.model_copy(update={"nothing_differs": _nothing_differs(result)})
    return result.model_copy(update={"sentences": sentences(result, theirs.manifest.fork)})


def _notes(names: Sequence[str], *sides: FolderQuestions) -> tuple[str, ...]:
    notes = [unfinished(name, side.manifest) for name, side in zip(names, sides, strict=True)]
    for name, side in zip(names, sides, strict=True):
        if not side.evaluated.questions:
            notes.append(f"{name} has no evaluated question: no contrast can be compared")
        elif (topics := len(np.unique(side.evaluated.topics))) < FEWEST_TOPICS_FOR_A_VERDICT:
            few = f"with fewer than {FEWEST_TOPICS_FOR_A_VERDICT} no difference can be settled there"
            notes.append(f"{name} has evaluated questions from {count(topics, 'topic')}: {few}")
    if not set(sides[0].evaluated.values) & set(sides[1].evaluated.values):
        notes.append("The two have no value in common: no contrast can be compared")
    return tuple(filter(None, notes))


def _nothing_differs(difference: FolderDiff) -> bool:
    overlaps = [each for each in (difference.asked, difference.confirmed, difference.published) if each is not None]
    return not (
        difference.settings
        or (difference.steps is not None and difference.steps.first_change)
        or any(each.only_first or each.only_second for each in overlaps)
        or any(each.changed or each.reworded for each in difference.scored)
        or not all(each.alike for each in difference.findings)
    )
