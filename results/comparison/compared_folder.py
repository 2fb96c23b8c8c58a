"""What both comparisons say of a folder, and the rates of its models on chosen questions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...evaluation.divergence.expressions import Ints
from ...evaluation.models.measurements import Measurements, measure
from ...records import Manifest
from ..answer_arrays import AnswerArrays
from ..compute import kind_of, most_samples
from ..judges.judge_limits import unmeasurable
from .comparison_types import ComparedFolder


def folder_names(paths: Sequence[Path]) -> list[str]:
    """The folders' own names; their whole paths where two are alike."""
    names = [path.resolve().name for path in paths]
    return names if len(set(names)) == len(names) else [str(path) for path in paths]


def compared_folder(name: str, evaluated: AnswerArrays, shared: int) -> ComparedFolder:
    """``evaluated`` as a comparison lists it; ``shared`` of its questions are in the other folder, too."""
    manifest = evaluated.manifest
    return ComparedFolder(
        name=name,
        kind=kind_of(manifest),
        run_id=manifest.run_id,
        created_at=manifest.created_at,
        status=manifest.status,
        simulated=manifest.simulated,
        judge=evaluated.judge,
        samples=most_samples(evaluated),
        models=evaluated.models,
        seen=tuple(model for model, seen in zip(evaluated.models, evaluated.seen, strict=True) if seen),
        questions=len(evaluated.questions),
        anchors=shared,
    )


def measured_values(loaded: Sequence[AnswerArrays]) -> tuple[str, ...]:
    """The values of the first folder that no folder's judge is known not to measure."""
    return tuple(value for value in loaded[0].values if all(value not in unmeasurable(each) for each in loaded))


def unfinished(name: str, manifest: Manifest) -> str:
    """A note on a folder that has not finished; empty of one that has."""
    return "" if manifest.status == "finished" else f"{name} is {manifest.status}: only what it has so far is compared"


def rates_of(
    evaluated: AnswerArrays,
    models: Sequence[str],
    *,
    values: Sequence[str] | None = None,
    rows: Ints | None = None,
    topics: Ints | None = None,
) -> Measurements:
    """Rates of ``models``, which may repeat, on ``values`` and the questions in ``rows``; all where these are None.

    ``topics`` are labels of the rows; the evaluation's own where None.
    """
    places = [evaluated.models.index(model) for model in models]
    rows = np.arange(len(evaluated.questions)) if rows is None else rows
    topics = evaluated.topics[rows] if topics is None else topics
    measured = measure(evaluated.expressed[rows][:, places], evaluated.answered[rows][:, places], topics)
    if values is None:
        return measured
    columns = [evaluated.values.index(value) for value in values]
    return Measurements(measured.rates[..., columns], measured.answers, measured.topics)
