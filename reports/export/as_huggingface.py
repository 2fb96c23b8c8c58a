"""The tables as a folder that ``datasets.load_dataset`` opens: Parquet, a dataset card, Croissant metadata."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from ...domain.errors import InputError
from ...records import Manifest, RunFolder, RunRecords
from ...records.whole_file import whole_file
from .as_parquet import write_parquet
from .columns import TABLES
from .croissant import croissant
from .dataset_card import dataset_card
from .export_folder import export_folder
from .export_rows import Tables

CONFIGS = ("questions", "answers", "scores")
"""The configurations of the dataset, each one table. The labels of an answer are in its column ``values``."""

PUBLISHED_COLUMNS = {
    config: tuple(column for column in TABLES[config] if (config, column.name) != ("answers", "detail"))
    for config in CONFIGS
}
"""All but the details of answers: where a call failed they are its server's words, addresses among them."""

CARD, METADATA = "README.md", "croissant.json"


def export_huggingface(folder: RunFolder, out: Path) -> dict[Path, int]:
    """Writes the folder and returns the rows of each table. Uploading it is the user's own step.

    Raises ``InputError`` without pyarrow or without a question, ``StoreError`` when ``out`` cannot be used.
    """
    manifest = folder.read_manifest()
    names = {config: f"{config}.parquet" for config in CONFIGS}
    written: dict[Path, int] = {}
    with RunRecords(folder.records_path, read_only=True) as records:
        if not records.ids("published") and not records.ids("evaluated") and not records.ids("recorded"):
            raise InputError(f"{folder.path}: no question was published yet, so that there is nothing to publish")
        with export_folder(out, frozenset((*names.values(), CARD, METADATA))):
            tables = Tables(manifest, records)
            for config, name in names.items():
                with whole_file(out / name) as path:
                    written[out / name] = write_parquet(
                        path, PUBLISHED_COLUMNS[config], tables.rows(config), to="huggingface"
                    )
            _describe(manifest, {name: written[out / name] for name in names.values()}, out)
    return written


def _describe(manifest: Manifest, rows: dict[str, int], out: Path) -> None:
    digests = {name: sha256((out / name).read_bytes()).hexdigest() for name in rows}
    columns = {f"{config}.parquet": PUBLISHED_COLUMNS[config] for config in CONFIGS}
    sizes = {name: (out / name).stat().st_size for name in rows}
    with whole_file(out / CARD) as path:
        path.write_text(dataset_card(manifest, rows), encoding="utf-8")
    with whole_file(out / METADATA) as path:
        metadata = croissant(manifest, columns, digests, sizes)
        path.write_text(json.dumps(metadata, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
