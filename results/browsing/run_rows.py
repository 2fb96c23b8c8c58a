"""The list of runs as data: one row a folder, the newest first, from its manifest and the counts in its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...domain.errors import AdaemError
from ...records import Manifest, RunRecords
from ...records.damage import as_read
from .listed_folders import ListedFolder, as_it_is_now, check_roots, folders_below, listed_folder


@dataclass(frozen=True)
class RunRow:
    """One folder. The fields are the keys of ``adaem runs --json``.

    path        as it is reached from where the user stands; bytes that are no UTF-8 as Python has them in names
    kind        run, fork, replay, evaluation, import, ratings; or unreadable
    state       running, finished, interrupted, failed, cut off; imported (ratings), cannot be read
    simulated   whether a model, or the judge of an import, is simulated; None for ratings and what cannot be read
    models      who answers: of a pool, all that do more than judge or write questions
    questions   published by a run, asked by an evaluation, read by an import; of ratings the items. None: not known,
                and where a run has published none so far
    begun       ISO 8601, UTC; empty where it cannot be read
    cost        charged so far, in ``currency``; None where no model has a price, or none of the calls that were made
    unpriced    calls that were sent to models without a price and are not in ``cost``; None without a ``cost``
    problem     in one line, why some of this, or all, cannot be read; empty for none
    """

    path: str
    kind: str
    state: str
    simulated: bool | None
    models: tuple[str, ...]
    questions: int | None
    begun: str
    cost: float | None
    currency: str | None
    unpriced: int | None
    problem: str


@dataclass
class _Counts:
    questions: int | None = None
    cost: float | None = None
    unpriced: int = 0
    problem: str = ""


def run_rows(roots: Sequence[Path]) -> tuple[RunRow, ...]:
    """The folders below ``roots``, the newest first, those that cannot be read last.

    Nothing is written. Raises ``FileError`` for a root that is no folder.
    """
    check_roots(roots)
    # Row by row: manifests hold whole frameworks, and are not wanted side by side.
    rows = [_row(as_it_is_now(listed_folder(str(path), path))) for path in folders_below(roots).values()]
    return tuple(sorted(rows, key=lambda row: (row.begun, Path(row.path).name), reverse=True))


def _row(entry: ListedFolder) -> RunRow:
    counts = _counted(entry)
    pool = entry.manifest.pool if entry.manifest else None
    return RunRow(
        path=entry.key,
        kind=entry.kind,
        state=entry.state,
        simulated=entry.manifest.simulated if entry.manifest else None,
        models=_models(entry),
        questions=counts.questions,
        begun=entry.begun,
        cost=counts.cost,
        currency=pool.currency if pool is not None and counts.cost is not None else None,
        unpriced=None if counts.cost is None else counts.unpriced,
        problem=entry.problem or counts.problem,
    )


def _models(entry: ListedFolder) -> tuple[str, ...]:
    if entry.manifest is None:
        return entry.ratings.models if entry.ratings is not None else ()
    if entry.manifest.recorded is not None:
        return entry.manifest.recorded.models
    return tuple(member.id for member in entry.manifest.pool.respondents) if entry.manifest.pool is not None else ()


def _counted(entry: ListedFolder) -> _Counts:
    """The records are opened only where the manifest does not say."""
    manifest = entry.manifest
    if manifest is None:
        return _Counts(entry.ratings.items if entry.ratings is not None else None)
    grown = manifest.recorded is None and manifest.evaluation is None
    counts = _Counts()
    if manifest.recorded is not None:
        counts.questions = manifest.recorded.questions
    elif manifest.evaluation is not None:
        counts.questions = manifest.evaluation.questions
    priced = manifest.pool is not None and manifest.pool.priced
    if not grown and not priced:
        return counts
    try:
        with as_read(entry.path), RunRecords(entry.folder.records_path, read_only=True) as records:
            if grown:
                counts.questions = _published(records, manifest)
            if priced:
                counts.cost, counts.unpriced = records.total_cost()
    except (AdaemError, OSError) as error:
        counts.problem = str(error)
    return counts


def _published(records: RunRecords, manifest: Manifest) -> int | None:
    number = len(records.ids("published"))
    return number if number or manifest.status == "finished" else None
