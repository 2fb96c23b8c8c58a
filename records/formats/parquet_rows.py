"""The rows of a Parquet file, through pyarrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...domain.errors import FileError, InputError
from ...domain.reading.files import check_unpacked, most_unpacked
from ...domain.texts.safe_text import one_line
from .table_rows import Rows

PARQUET_MARK = b"PAR1"
"""How such a file begins."""

_MOST_ROWS = 10_000
"""Rows that are decoded at once."""


def parquet_rows(path: Path, data: bytes) -> Rows:
    """Each row with its number, from 0.

    Raises ``InputError`` without pyarrow, and ``FileError`` for a file that is damaged, holds what Python cannot, or
    decodes to more than anybody means: of a text that repeats, such a file stores one.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise InputError(f"{path}: reading Parquet needs pyarrow — pip install 'adaem[parquet]'") from None
    number = decoded = 0
    try:
        with pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data)) as file:
            largest = max(1, _largest_row(file.metadata))
            check_unpacked(path, len(data), largest)
            at_once = min(_MOST_ROWS, most_unpacked(len(data)) // largest)
            for batch in file.iter_batches(batch_size=at_once):
                decoded += batch.nbytes
                check_unpacked(path, len(data), decoded)
                for row in batch.to_pylist():
                    yield f"row {number}", row
                    number += 1
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError, KeyError) as error:
        problem = f"is no Parquet file that can be read ({one_line(str(error)):.80})"
        raise FileError(path, problem, place=f"row {number}", remedy="write it again") from None


def _largest_row(metadata: Any) -> int:
    """Bytes that a row may take: its group's, which stores each text, and one for each of its values."""
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    columns = ([group.column(number) for number in range(group.num_columns)] for group in groups)
    return max((sum(each.total_uncompressed_size + each.num_values for each in group) for group in columns), default=1)
