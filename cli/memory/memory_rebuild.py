"""``adaem memory rebuild``: the index anew from runs' records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...memory.embedders.embedder import Embedder
    from ...memory.standings import StandingChange
    from ...records import RunFolder


def rebuild_verb(where: str, runs: Sequence[Path], embedder: str | None) -> None:
    """Makes the memory anew and says what it holds. Raises ``InputError`` where the runs do not allow it."""
    from rich.console import Console

    from ...domain.errors import InputError, StoreError, StoreLocked
    from ...domain.texts.counting import count
    from ...jobs.memory.rebuild_memory import rebuild_memory
    from ...memory.chroma_client import holds_memory, place_of
    from ...memory.embedders.named_embedder import make_embedder, ships
    from ...records import RunFolder, open_run
    from ...reports.plain_text import plain
    from ..process.console import output
    from ..progress_bar import Bar

    place = place_of(where)
    if isinstance(place, str):
        raise InputError(f"memory {place}: is a server's — stop it, and name the folder that it serves")
    own = RunFolder(place)
    alone = own.manifest_path.exists()
    if alone and runs:
        raise InputError(f"{place}: is a run, whose memory holds its own questions alone — leave the other runs out")
    if not alone and not runs:
        raise InputError(f"memory {place}: no run was named — name those that shared it: memory rebuild {place} RUN...")
    place, given = (own.memory_path, [own]) if alone else (place, [open_run(run) for run in runs])
    if place.exists() and not holds_memory(place):
        raise InputError(f"memory {place}: exists and is not a memory — name a memory's folder, or a new one")
    console = Console(stderr=True)
    folders = [each for each in given if not _without_search(each)]
    if len(folders) < len(given):
        left_out = count(len(given) - len(folders), "folder")
        console.print(plain(f"{left_out} left out: evaluations and imports have grown no questions."))
    if not folders:
        raise InputError(f"memory {place}: none of these runs has grown questions")
    name = embedder or folders[0].read_manifest().settings.embedder
    if embedder is None and not ships(name):
        raise InputError(
            f"{folders[0].path}: its embedder {name} is not part of adaem — if you trust it: --embedder {name}"
        )
    made = make_embedder(name)
    changes: list[StandingChange] = []
    if place.exists():
        try:
            changes = _not_of_runs_left_out(place, folders, made)
        except StoreLocked:
            raise
        except (StoreError, InputError) as error:
            console.print(
                plain(f"The old memory cannot be read: what people withdrew there is lost to the new one. {error}")
            )
    with Bar(console=console, transient=True) as bar:
        task = bar.add_task("remembering", total=None)
        number, old_place = rebuild_memory(
            place, folders, made, changes, lambda done, total: bar.update(task, completed=done, total=total)
        )
    aside = f"; the old one is in {old_place}" if old_place else ""
    output().print(plain(f"{count(number, 'question')} of {count(len(folders), 'run')} in {place}{aside}"))


def _without_search(folder: RunFolder) -> bool:
    manifest = folder.read_manifest()
    return manifest.recorded is not None or manifest.evaluation is not None


def _not_of_runs_left_out(place: Path, folders: Sequence[RunFolder], made: Embedder) -> list[StandingChange]:
    """The old log without what runs noted that the new memory is to know nothing of."""
    from ...memory.chroma_memory import Memory
    from ...memory.embedders.named_embedder import embedder_behind

    taken = {folder.read_manifest().run_id for folder in folders}
    with Memory.reopen(
        place, lambda stamp: made if made.fingerprint == stamp.embedder else embedder_behind(stamp.embedder, None)
    ) as old:
        left_out = {item.run_id for item in old.all_items()} - taken
        return [change for change in old.changes() if change.run_id not in left_out]
