"""Evaluations at different times or of different models, linked by the questions that they share (METHOD.md section 5).

A drift is the same model's rate on the same questions then and now. Models that the baseline does not know are set
against each of its own in the same way. False discoveries are controlled over all of it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np

from ...domain.errors import InputError
from ...domain.streams import Stream, generator
from ...evaluation.divergence.expressions import Ints
from ...evaluation.models.contrasts import Contrasts, concatenate_differences, contrast_verdicts
from ...records import open_run
from ..answer_arrays import AnswerArrays, load_answer_arrays
from ..finite import figure, known
from ..result_types import ContrastVerdict
from .compared_folder import compared_folder, folder_names, measured_values
from .comparison_notes import notes
from .comparison_sentences import sentences
from .comparison_types import FolderComparison, RateChange
from .rate_changes import PairedRates, paired_rates
from .shared_questions import anchors


def compare(paths: Sequence[Path]) -> FolderComparison:
    """Everything that can be said of the folders after the first beside the first.

    Raises ``InputError`` for fewer than two folders, other values, or no shared question, ``FileError`` for a folder
    that is none.
    """
    if len({path.resolve() for path in paths}) < max(2, len(paths)):
        raise InputError("a comparison takes two folders or more, each named once — adaem compare FIRST LATER …")
    return compared(folder_names(paths), [load_answer_arrays(open_run(path)).plain() for path in paths])


def compared(names: Sequence[str], loaded: Sequence[AnswerArrays]) -> FolderComparison:
    """The comparison of answers that were loaded already, without primed ones; the first are the baseline."""
    baseline, later = loaded[0], loaded[1:]
    rng = generator(baseline.manifest.settings.seed, Stream.COMPARED_FOLDERS)
    links = [_link(names[0], baseline, name, each) for name, each in zip(names[1:], later, strict=True)]
    values = measured_values(loaded)
    sides = [
        paired_rates(name, baseline, each, rows, values, rng)
        for name, each, rows in zip(names[1:], later, links, strict=True)
    ]
    pairs = [(place, number) for place, side in enumerate(sides) for number in range(len(side.pairs))]
    contrasts = contrast_verdicts(
        concatenate_differences([side.differences for side in sides]), np.array(pairs, dtype=np.int64)
    )
    shared = [len(np.unique(np.concatenate([rows[:, 0] for rows in links]))), *(len(rows) for rows in links)]
    result = FolderComparison(
        folders=tuple(compared_folder(*each) for each in zip(names, loaded, shared, strict=True)),
        values={value.id: value.name for value in baseline.manifest.framework.values if value.id in values},
        sentences=(),
        notes=notes(names, loaded),
        changes=_changes(names[1:], sides, contrasts, values),
        tested=int((~np.isnan(contrasts.q_value)).sum()),
        margin=contrasts.margin,
        divergences=tuple(side.divergence for side in sides),
    )
    return result.model_copy(update={"sentences": sentences(result)})


def _link(first: str, baseline: AnswerArrays, name: str, later: AnswerArrays) -> Ints:
    if later.values != baseline.values:
        raise InputError(
            f"{name}: its values ({later.manifest.framework.name}) are not those of {first} "
            f"({baseline.manifest.framework.name}) — compare evaluations on one framework"
        )
    rows = anchors(baseline.questions, later.questions)
    if not rows:
        raise InputError(
            f"{name}: shares no question with {first} — ask its models the same ones: "
            f"adaem evaluate {first} --pool FILE"
        )
    return np.array(rows, dtype=np.int64)


def _changes(
    names: Sequence[str], sides: Sequence[PairedRates], contrasts: Contrasts, values: Sequence[str]
) -> tuple[RateChange, ...]:
    differences, records = contrasts.differences, []
    for row, (place, number) in enumerate(contrasts.pairs.tolist()):
        side = sides[place]
        model, other = side.pairs[number]
        for column, value in enumerate(values):
            at, more = (row, column), known(contrasts.more_questions[row, column])
            records.append(
                RateChange(
                    folder=names[place],
                    model=model,
                    baseline_model=other,
                    value=value,
                    before=known(side.before[number, column]),
                    after=known(side.after[number, column]),
                    change=figure(differences.difference[at], contrasts.low[at], contrasts.high[at]),
                    p_value=known(differences.p_value[at]),
                    q_value=known(contrasts.q_value[at]),
                    verdict=cast(ContrastVerdict, str(contrasts.verdict[at])),
                    questions=int(differences.questions[at]),
                    topics=int(differences.topics[at]),
                    detectable=known(contrasts.detectable[at]),
                    more_questions=None if more is None else round(more),
                )
            )
    return tuple(records)
