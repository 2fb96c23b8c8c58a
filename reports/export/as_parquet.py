"""A table as Parquet, through pyarrow: typed columns, each with its unit and meaning in its metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ...domain.errors import InputError
from .columns import Column, Kind
from .export_rows import Row

ROWS_AT_ONCE = 10_000


def write_parquet(path: Path, columns: Sequence[Column], rows: Iterable[Row], *, to: str = "parquet") -> int:
    """Writes all rows and returns how many there were. Missing cells are null, ``Kind.JSON`` is text.

    Raises ``InputError``, which names the export ``to``, when pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise InputError(f"--to {to} needs pyarrow, which is not installed — pip install 'adaem[parquet]'") from None
    types: dict[Kind, Any] = {
        Kind.TEXT: pyarrow.string(),
        Kind.INTEGER: pyarrow.int64(),
        Kind.NUMBER: pyarrow.float64(),
        Kind.TRUTH: pyarrow.bool_(),
        Kind.JSON: pyarrow.string(),
    }
    schema = pyarrow.schema(
        [
            pyarrow.field(column.name, types[column.kind], metadata={"unit": column.unit, "meaning": column.meaning})
            for column in columns
        ]
    )
    count, waiting = 0, iter(rows)
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        while batch := list(islice(waiting, ROWS_AT_ONCE)):
            arrays = {column.name: _cells(column, batch) for column in columns}
            writer.write_table(pyarrow.Table.from_pydict(arrays, schema=schema))
            count += len(batch)
    return count


def _cells(column: Column, rows: Sequence[Row]) -> list[Any]:
    cells = [row[column.name] for row in rows]
    if column.kind is not Kind.JSON:
        return cells
    return [None if cell is None else json.dumps(cell, ensure_ascii=False) for cell in cells]
