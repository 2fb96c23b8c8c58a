"""A table as JSON lines in UTF-8: every text exactly as it was said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from .columns import Column
from .export_rows import Row


def write_jsonl(path: Path, columns: Sequence[Column], rows: Iterable[Row]) -> int:
    """Writes one object a row and returns how many there were. Missing cells are null; ``rows`` have all columns."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        count = 0
        for row in rows:
            cells = {column.name: row[column.name] for column in columns}
            file.write(json.dumps(cells, ensure_ascii=False, allow_nan=False) + "\n")
            count += 1
    return count
