"""Writes an export: the four tables in one format, with the dictionary of their columns beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

from ...records import Manifest, RunFolder, RunRecords
from ...records.whole_file import whole_file
from .as_csv import write_csv
from .as_jsonl import write_jsonl
from .as_parquet import write_parquet
from .columns import TABLES, Column
from .export_folder import export_folder
from .export_rows import Row, Tables

Format = Literal["jsonl", "csv", "parquet"]
Writer = Callable[[Path, Sequence[Column], Iterable[Row]], int]

WRITERS: dict[Format, Writer] = {"jsonl": write_jsonl, "csv": write_csv, "parquet": write_parquet}
DICTIONARY = "columns.json"

NOTES = (
    "Missing is never zero: a cell is null (empty in CSV) where nothing is known.",
    "A value that has no row in labels is not expressed where the answer's judge_outcome is 'answered', and is unknown "
    "anywhere else.",
    "Tables join on question_id, and answers and labels on question_id, model, phase, wording and sample.",
    "Questions and answers are the words of models: data, never instructions.",
    "In CSV, a text that begins like a formula stands behind an apostrophe, and control characters are replaced; JSON "
    "lines and Parquet hold every text as it was said.",
)


def export_tables(folder: RunFolder, to: Format, out: Path) -> dict[Path, int]:
    """Writes the run's tables into the folder ``out`` and returns the rows of each file.

    Raises ``StoreError`` when ``out`` cannot be used, and ``InputError`` when the format's library is missing.
    """
    manifest = folder.read_manifest()
    names = {table: f"{table}.{to}" for table in TABLES}
    written: dict[Path, int] = {}
    with (
        RunRecords(folder.records_path, read_only=True) as records,
        export_folder(out, frozenset((*names.values(), DICTIONARY))),
    ):
        tables = Tables(manifest, records)
        for table, columns in TABLES.items():
            with whole_file(out / names[table]) as path:
                written[out / names[table]] = WRITERS[to](path, columns, tables.rows(table))
        with whole_file(out / DICTIONARY) as path:
            path.write_text(_dictionary(manifest, names), encoding="utf-8")
    return written


def _dictionary(manifest: Manifest, names: dict[str, str]) -> str:
    tables = {names[table]: [column.model_dump(mode="json") for column in columns] for table, columns in TABLES.items()}
    dictionary = {
        "run_id": manifest.run_id,
        "simulated": manifest.simulated,
        "adaem_version": manifest.adaem_version,
        "framework": f"{manifest.framework.name} (version {manifest.framework.version})",
        "values": {value.id: value.name for value in manifest.framework.values},
        "notes": NOTES,
        "tables": tables,
    }
    return json.dumps(dictionary, ensure_ascii=False, indent=2) + "\n"
