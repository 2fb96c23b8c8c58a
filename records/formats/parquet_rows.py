"""The rows of a Parquet file, through pyarrow."""

from __future__ import annotations

from pathlib import Path

from ...domain.errors import FileError, InputError
from ...domain.texts.safe_text import one_line
from .table_rows import Rows

PARQUET_MARK = b"PAR1"
"""How such a file begins."""


def parquet_rows(path: Path, data: bytes) -> Rows:
    """Each row with its number, from 0. Raises ``InputError`` without pyarrow, ``FileError`` for a damaged file."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise InputError(f"{path}: reading Parquet needs pyarrow — pip install 'adaem[parquet]'") from None
    number = 0
    try:
        with pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data)) as file:
            for batch in file.iter_batches():
                for row in batch.to_pylist():
                    yield f"row {number}", row
                    number += 1
    except (pyarrow.ArrowException, OSError) as error:
        problem = f"is no Parquet file that can be read ({one_line(str(error)):.80})"
        raise FileError(path, problem, place=f"row {number}", remedy="write it again") from None
