"""``adaem memory rebuild``: the index anew from runs' records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def rebuild_verb(folder: Path, runs: Sequence[Path], embedder: str | None) -> None:
    """Makes the memory anew and says what it holds. Raises ``InputError`` where the runs do not allow it."""
    from rich.console import Console
    from rich.progress import Progress

    from ..domain.errors import InputError, StoreError, StoreLocked
    from ..graph.rebuilding import rebuild_memory
    from ..memory.embedders import make_embedder, ships
    from ..memory.life import Change
    from ..memory.store import Memory
    from ..records import RunFolder, open_run
    from ..reports.plain import plain
    from ..reports.result_tables import count

    own = RunFolder(folder)
    alone = own.manifest_path.exists()
    if alone and runs:
        raise InputError(f"{folder}: is a run, whose memory holds its own questions alone — leave the other runs out")
    if not alone and not runs:
        raise InputError(f"memory {folder}: from which runs? name those that shared it: memory rebuild {folder} RUN...")
    place, folders = (own.memory_path, [own]) if alone else (folder, [open_run(run) for run in runs])
    for each in folders:
        manifest = each.read_manifest()
        if manifest.recorded is not None or manifest.evaluation is not None:
            raise InputError(f"{each.path}: grew no questions — leave it out")
    name = embedder or folders[0].read_manifest().settings.embedder
    if embedder is None and not ships(name):
        raise InputError(
            f"{folders[0].path}: its embedder is code of its own, {name} — if you trust it: --embedder {name}"
        )
    made = make_embedder(name)
    console = Console(stderr=True)
    kept: list[Change] = []
    if place.exists():
        try:
            with Memory.reopen(place, lambda stamp: made) as old:
                kept = [change for change in old.changes() if not change.run_id]
        except StoreLocked:
            raise
        except StoreError as error:
            console.print(
                plain(f"The old memory cannot be read; what people withdrew in it is lost to the new one. {error}")
            )
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("remembering", total=None)
        number, old_place = rebuild_memory(
            place, folders, made, kept, lambda done, total: bar.update(task, completed=done, total=total)
        )
    aside = f"; the old one is in {old_place}" if old_place else ""
    Console().print(plain(f"{count(number, 'question')} of {count(len(folders), 'run')} in {place}{aside}"))
