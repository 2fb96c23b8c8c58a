"""A file, a folder or a table in memory, read as rows: recognised by its content, or as it is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Literal, get_args

from ...domain.errors import FileError, InputError
from ...domain.reading.files import unpacked
from ...domain.texts.safe_text import one_line
from .encodings import decoded
from .foreign_rows import alpaca_rows, lm_eval_rows, promptfoo_rows, wide_rows
from .inspect_rows import inspect_rows
from .parquet_rows import PARQUET_MARK, parquet_rows
from .table_rows import DELIMITED, Rows, array_rows, as_document, read_bytes, read_rows

SourceFormat = Literal["rows", "wide", "inspect", "lm-eval", "promptfoo", "alpaca-eval"]
"""What ``--from`` takes. ``rows``: one row an answer, whatever the file is (JSON, CSV, Parquet)."""

READ_ENDINGS = (".jsonl", ".ndjson", ".json", ".eval", ".parquet", *DELIMITED)
"""Files of a folder that are read, packed (.gz) or not."""

MOST_FILES = 10_000
_LM_EVAL_RESULTS = re.compile(r"results_\d{4}-\d\d-\d\dT[\d.-]+\.json")
_ZIP = b"PK\x03\x04"

_OWN_COLUMNS: dict[SourceFormat, dict[str, str]] = {
    "inspect": {"topic": "adaem_topic"},
    "lm-eval": {"topic": "adaem_topic"},
}
"""Columns that a program's files have where the questions were written by ``adaem export``: they know their topic."""


@dataclass(frozen=True)
class SourceRows:
    """Rows with their places. ``path`` is how errors call it; ``columns`` are those that its format maps by itself."""

    path: Path
    sha256: str
    format: SourceFormat
    rows: Iterable[tuple[str, Mapping[str, object]]]
    columns: dict[str, str] = field(default_factory=dict)


def read_source(path: Path, kind: SourceFormat | None = None) -> SourceRows:
    """The rows of a file, or of all files in a folder; ``kind`` says what they are, else it is recognised.

    Raises ``FileError`` for what cannot be read, and ``InputError`` where a library is missing that reads it.
    """
    _check_known(kind)
    return _read_folder(path, kind) if path.is_dir() else _read_file(path, kind)


def rows_in_memory(rows: Sequence[Mapping[str, object]], name: str, kind: SourceFormat | None = None) -> SourceRows:
    """A table that a program holds, ``name`` in errors; its format is recognised as a file's is.

    Raises ``InputError`` for cells that JSON cannot hold, and ``FileError`` for a ``kind`` that is no table.
    """
    _check_known(kind)
    try:
        digest = sha256(json.dumps(rows, sort_keys=True, ensure_ascii=False, default=str).encode(errors="replace"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"{name}: its cells are not plain data ({one_line(str(error))})") from None
    placed: Rows = ((f"row {number}", row) for number, row in enumerate(rows))
    path = Path(name)
    return _with_own_columns(path, digest.hexdigest(), *_of_rows(path, kind, placed))


def _read_file(path: Path, kind: SourceFormat | None) -> SourceRows:
    data = read_bytes(path)
    return _with_own_columns(path, sha256(data).hexdigest(), *_rows_of(path, data, kind))


def _with_own_columns(path: Path, digest: str, found: SourceFormat, rows: Rows) -> SourceRows:
    columns = _OWN_COLUMNS.get(found, {})
    placed = iter(rows)
    first = next(placed, None)
    if first is not None:
        placed = chain([first], placed)
        columns = {name: column for name, column in columns.items() if column in first[1]}
    return SourceRows(path, digest, found, placed, columns)


def _rows_of(path: Path, data: bytes, kind: SourceFormat | None) -> tuple[SourceFormat, Rows]:
    if data.startswith(_ZIP) or path.suffix == ".eval":
        _check_kind(path, kind, "inspect")
        return "inspect", inspect_rows(path)
    if data.startswith(PARQUET_MARK):
        rows = parquet_rows(path, data)
        return ("wide", wide_rows(path, rows)) if kind == "wide" else _of_rows(path, kind, rows)
    name = path.name.lower().removesuffix(".gz")
    if not name.endswith(DELIMITED):
        document = as_document(decoded(path, unpacked(path, data))) if name.endswith(".json") else None
        if isinstance(document, dict) and kind in (None, "inspect", "promptfoo"):
            return _of_document(path, document, kind)
        if document is not None:
            return _of_rows(path, kind, array_rows(path, document))
    return _of_rows(path, kind, read_rows(path, data))


def _of_document(path: Path, document: Mapping[str, object], kind: SourceFormat | None) -> tuple[SourceFormat, Rows]:
    if kind == "inspect" or (kind is None and isinstance(document.get("eval"), dict)):
        return "inspect", inspect_rows(path)
    if kind == "promptfoo" or (kind is None and "results" in document):
        return "promptfoo", promptfoo_rows(path, document)
    return "rows", array_rows(path, document)


def _of_rows(path: Path, kind: SourceFormat | None, rows: Rows) -> tuple[SourceFormat, Rows]:
    """Tells rows apart by the first of them."""
    first = next(rows, None)
    if first is None:
        return kind or "rows", iter(())
    whole: Rows = chain([first], rows)
    columns = first[1].keys()
    if kind is None and "doc" in columns and ({"resps", "filtered_resps"} & columns):
        kind = "lm-eval"
    if kind is None and {"instruction", "output"} <= columns:
        kind = "alpaca-eval"
    readers: dict[SourceFormat, Callable[[Path, Rows], Rows]] = {
        "lm-eval": lm_eval_rows,
        "alpaca-eval": alpaca_rows,
        "wide": wide_rows,
    }
    if kind in ("inspect", "promptfoo"):
        raise FileError(path, f"is not a result of {kind}", place=first[0], remedy="leave --from out, or name another")
    return (kind, readers[kind](path, whole)) if kind in readers else ("rows", whole)


def _check_known(kind: SourceFormat | None) -> None:
    if kind is not None and kind not in get_args(SourceFormat):
        raise InputError(f"--from {kind}: unknown — choose one of {', '.join(get_args(SourceFormat))}")


def _check_kind(path: Path, kind: SourceFormat | None, found: SourceFormat) -> None:
    if kind not in (None, found):
        raise FileError(path, f"is a file of {found}, not of {kind}", remedy=f"leave --from {kind} out")


def _read_folder(folder: Path, kind: SourceFormat | None) -> SourceRows:
    """All files one after the other, in the order of their names; a table without a model is called by its file."""
    files = [file for file in _files_in(folder) if file.name.lower().removesuffix(".gz").endswith(READ_ENDINGS)]
    files = [file for file in files if not _describes_others(file)]
    if not files:
        raise FileError(folder, "holds no file that can be read", remedy=f"put files there: {', '.join(READ_ENDINGS)}")
    if len(files) > MOST_FILES:
        raise FileError(folder, f"holds more than {MOST_FILES:,} files", remedy="name a folder with fewer")
    sources = {str(file.relative_to(folder)): _read_file(file, kind) for file in files}
    formats = {source.format for source in sources.values()}
    if len(formats) > 1:
        raise FileError(
            folder,
            f"holds files of several kinds ({', '.join(sorted(formats))})",
            remedy="put each kind into a folder of its own, or say what they are with --from",
        )
    digest = sha256(json.dumps({name: source.sha256 for name, source in sources.items()}).encode()).hexdigest()
    columns = next(iter(sources.values())).columns

    def rows() -> Iterator[tuple[str, Mapping[str, object]]]:
        for name, source in sources.items():
            model = Path(name.removesuffix(".gz")).stem
            for place, row in source.rows:
                yield f"{name}, {place}", row if "model" in row else {"model": model, **row}

    return SourceRows(folder, digest, formats.pop(), rows(), columns)


def _files_in(folder: Path) -> list[Path]:
    # Links may lead anywhere, and a folder may be a stranger's.
    inside = (each for each in folder.rglob("*") if not each.is_symlink() and each.is_file())
    return sorted(each for each in inside if not any(part.startswith(".") for part in each.relative_to(folder).parts))


def _describes_others(file: Path) -> bool:
    """Files that lm-eval and ``adaem export`` put beside the data."""
    return file.name in ("columns.json", "croissant.json") or _LM_EVAL_RESULTS.fullmatch(file.name) is not None
