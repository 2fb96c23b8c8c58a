"""A memory made anew from the records of runs, which are the truth; other changes of the old log are taken over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from shutil import rmtree

from pydantic import TypeAdapter

from ...domain.answer import Phase
from ...domain.errors import InputError
from ...domain.pool_spec import Role
from ...graph.search.memory_items import memory_item
from ...graph.search.topic_standings import LIFE
from ...memory.chroma_memory import Memory
from ...memory.embedders.embedder import Embedder
from ...memory.items import Remembered
from ...memory.standings import StandingChange, in_order
from ...records import RunFolder, RunRecords

_CHANGES = TypeAdapter(list[StandingChange])

BATCH = 1_000


def rebuild_memory(
    place: Path,
    folders: Sequence[RunFolder],
    embedder: Embedder,
    unrecorded: Sequence[StandingChange],
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[int, Path | None]:
    """Puts a new memory at ``place`` with every question that the runs have asked.

    Returns how many, and where the old memory is now, None when there was none. ``unrecorded`` are changes that no run
    has recorded. Raises ``InputError`` when the runs have different frameworks or the old memory cannot be set aside;
    until the new one is whole the old one stays.
    """
    frameworks = {folder.read_manifest().framework.id for folder in folders}
    if len(frameworks) != 1:
        raise InputError(
            f"{len(frameworks)} frameworks ({', '.join(sorted(frameworks))}): one memory holds one — rebuild one each"
        )
    old = place.with_name(place.name + ".old")
    new = place.with_name(place.name + ".new")
    if old.exists():
        raise InputError(f"{old}: is there from an earlier rebuilding — delete it or move it away first")
    questions, changes = _of_runs(folders)
    if new.exists():  # left by a rebuilding that was stopped
        rmtree(new)
    with Memory.open(new, embedder, frameworks.pop()) as memory:
        for start in range(0, len(questions), BATCH):
            memory.remember(questions[start : start + BATCH])
            on_progress(min(start + BATCH, len(questions)), len(questions))
        # The old log's own come last: they have the counters by which it was in order.
        memory.note(in_order({change.id: change for change in (*changes, *unrecorded)}.values()))
    was_there = place.exists()
    if was_there:
        place.rename(old)
    new.rename(place)
    return len(questions), old if was_there else None


def _of_runs(folders: Sequence[RunFolder]) -> tuple[list[Remembered], list[StandingChange]]:
    questions: list[Remembered] = []
    changes: list[StandingChange] = []
    for folder in folders:
        run_id = folder.read_manifest().run_id
        with RunRecords(folder.records_path, read_only=True) as records:
            refused = {move.question_id for move in records.moves() if move.status == "duplicate"}
            critiques = records.critiques(Phase.SEARCH, Role.SCOUT)
            questions += [
                memory_item(run_id, question, critiques.get(question.id))
                for question in records.questions().values()
                if question.id not in refused
            ]
            changes += chain.from_iterable(map(_CHANGES.validate_json, records.readings(LIFE)))
    return questions, changes
