"""What other programs write comes in as it was said: one small file of each format, and what is wrong with others."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow
import pyarrow.parquet
import pytest
from adaem.domain.errors import FileError, InputError
from adaem.records.formats.dotted_path import ABSENT, value_at
from adaem.records.formats.encodings import encoding_of
from adaem.records.formats.source_rows import read_source, rows_in_memory
from adaem.records.given_questions import read_questions
from recorded_files import QUESTION, read, said, written

HEADER = ["question_id", "question", "model", "answer"]
ROW = dict(zip(HEADER, ("q1", QUESTION, "okapi", "Yes, for all; surely."), strict=True))


def separated(sign: str) -> str:
    return f"{sign.join(HEADER)}\r\n" + sign.join(f'"{cell}"' for cell in ROW.values()) + "\r\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", separated(",")),
        ("a.csv", separated(";")),
        ("a.csv", b"\xef\xbb\xbf" + separated(";").encode()),
        ("a.csv", "sep=;\r\n" + separated(";")),
        ("a.csv", "sep=,\n" + separated(",")),
        ("a.tsv", separated("\t")),
        ("a.csv", separated("\t")),
        ("a.txt", separated(",")),
        ("a.tsv.gz", gzip.compress(separated("\t").encode())),
        ("a.json", [ROW]),
        ("a.json", json.dumps([ROW], indent=1)),
        ("a.json", ROW),
        ("a.json", json.dumps(ROW) + "\n"),
    ],
)
def test_tables_of_any_form_are_one_table(tmp_path: Path, name: str, content: Any) -> None:
    found = read(written(tmp_path / name, content))
    assert said(found) == [(QUESTION, "okapi", "", 0, "Yes, for all; surely.")]
    assert found.source.format == "rows"


def test_long_cells_are_read_from_every_table_of_a_folder(tmp_path: Path) -> None:
    limit = csv.field_size_limit()
    rows = f"{','.join(HEADER)}\nq1,Is it?,MODEL,Yes.\nq2,Is it so?,MODEL,{'y' * (limit + 1)}\n"
    for name in ("okapi", "zebra"):
        written(tmp_path / f"{name}.csv", rows.replace("MODEL", name))
    assert len(read(tmp_path).answers) == 4
    assert csv.field_size_limit() == limit


def test_parquet_is_a_table_too(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([ROW]), tmp_path / "a.parquet")
    assert said(read(tmp_path / "a.parquet")) == [(QUESTION, "okapi", "", 0, "Yes, for all; surely.")]
    cut = (tmp_path / "a.parquet").read_bytes()[:-20]
    with pytest.raises(FileError, match="is no Parquet file that can be read"):
        read(written(tmp_path / "cut.parquet", cut))


def test_parquet_that_repeats_a_text_without_end_is_one_line(tmp_path: Path) -> None:
    rows = pyarrow.table({**{name: ["x"] * 6_000 for name in HEADER}, "answer": ["y" * 10_000] * 6_000})
    pyarrow.parquet.write_table(rows, path := tmp_path / "a.parquet")
    assert path.stat().st_size < 100_000
    with pytest.raises(FileError, match="decompresses to more than 20,000,000 bytes"):
        list(read_source(path).rows)


@pytest.mark.parametrize(
    "cell",
    [
        pyarrow.array([b"\xff\xfe"], pyarrow.binary()).view(pyarrow.utf8()),
        pyarrow.array([2**62], pyarrow.timestamp("ms")),
        pyarrow.array([0], pyarrow.timestamp("s", "No/Where")),
    ],
)
def test_parquet_with_cells_that_python_cannot_hold_is_one_line(tmp_path: Path, cell: pyarrow.Array) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"answer": cell}), tmp_path / "a.parquet")
    with pytest.raises(FileError, match="row 0: is no Parquet file that can be read"):
        list(read_source(tmp_path / "a.parquet").rows)


def test_a_log_that_unpacks_without_end_is_one_line(tmp_path: Path) -> None:
    with ZipFile(path := tmp_path / "a.eval", "w", ZIP_DEFLATED) as archive:
        archive.writestr("samples/1.json", b"0" * 30_000_000)
    with pytest.raises(FileError, match="decompresses to more than 20,000,000 bytes"):
        list(read_source(path).rows)


def test_a_column_a_model_is_read_where_it_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "wide.csv", f"question,topic,okapi,zebra\n{QUESTION},art,Yes.,No.\nIs it?,art,Yes.,\n")
    found = read(path, "wide", columns={"topic": "topic"})
    assert [(each.member, each.outcome.value) for each in found.answers] == [
        ("okapi", "answered"),
        ("zebra", "answered"),
        ("okapi", "answered"),
        ("zebra", "unparsable"),
    ]
    assert {question.topic_id for question in found.questions} == {"art"}
    with pytest.raises(FileError, match=r"missing: question_id, model, answer; present: question, .*--from wide"):
        read(path)


def test_a_folder_is_its_files_and_a_table_without_a_model_is_called_by_its_file(tmp_path: Path) -> None:
    for name in ("okapi", "zebra"):
        row = {key: value for key, value in ROW.items() if key != "model"}
        written(tmp_path / "logs" / f"{name}.jsonl", json.dumps(row) + "\n")
    written(tmp_path / "logs" / "notes.md", "no data")
    (tmp_path / "logs" / "link.jsonl").symlink_to(tmp_path / "logs" / "okapi.jsonl")
    assert read(tmp_path / "logs").source.models == ("okapi", "zebra")
    with pytest.raises(FileError, match=r"okapi.jsonl, line 1: missing: nothing"):
        read(tmp_path / "logs", columns={"answer": "nothing"})
    written(tmp_path / "logs" / "outputs.json", [{"instruction": "a", "output": "b"}])
    with pytest.raises(FileError, match=r"holds files of several kinds \(alpaca-eval, rows\)"):
        read(tmp_path / "logs")


def test_a_dotted_path_leads_into_a_row(tmp_path: Path) -> None:
    row = {"id": 1, "input": {"text": QUESTION}, "model": "okapi", "choices": [{"message": {"content": "Yes."}}]}
    columns = {"question_id": "id", "question": "input.text", "answer": "choices.0.message.content"}
    found = read(written(tmp_path / "a.jsonl", json.dumps(row)), columns=columns)
    assert said(found) == [(QUESTION, "okapi", "", 0, "Yes.")]
    assert value_at({"a.b": 1, "a": {"b": 2}}, "a.b") == 1
    assert value_at({"a": [1]}, "a.1") is ABSENT
    with pytest.raises(FileError, match=r"missing: choices.3.message; present: id, input, model, choices"):
        read(tmp_path / "a.jsonl", columns={**columns, "answer": "choices.3.message"})


def test_rows_that_say_the_same_count_once_or_as_samples(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", (json.dumps({**ROW, "sample": 0}) + "\n") * 3)
    with pytest.raises(FileError, match=r"is a duplicate of line 1 — .*--repeats keep-first or samples"):
        read(path)
    once = read(path, repeats="keep-first")
    assert (len(once.answers), once.source.left_out, once.source.repeated) == (1, 2, 0)
    each = read(path, repeats="samples")
    assert ([answer.sample for answer in each.answers], each.source.repeated) == ([0, 1, 2], 2)


def test_numbered_copies_count_once_and_missing_answers_all_count(tmp_path: Path) -> None:
    rows = [{**ROW, "sample": 0}, {**ROW, "sample": 1}, *({**ROW, "answer": "", "sample": each} for each in (2, 3, 3))]
    numbered = read(written(tmp_path / "a.json", rows), repeats="keep-first")
    assert (numbered.source.outcomes, numbered.source.left_out) == ({"answered": 1, "unparsable (empty)": 2}, 2)
    unnumbered = read(
        written(tmp_path / "b.json", [ROW, ROW, {**ROW, "answer": "[filtered]"}] * 2), repeats="keep-first"
    )
    assert (unnumbered.source.outcomes, unnumbered.source.left_out) == ({"answered": 1, "filtered": 2}, 3)


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        ("Ja, für alle Bürger — größer", "cp1252", "WINDOWS-1252"),
        ("Да, для всех граждан страны", "cp1251", "WINDOWS-1251"),
        ("はい、すべての人のために。", "shift_jis", "SHIFT_JIS"),
        ("네, 모든 시민을 위해서입니다", "euc_kr", "EUC-KR"),
        ("是的,应该对所有人免费。", "gb18030", "GB18030"),
        ("Ja, für alle", "utf-16", "UTF-16"),
        ("Ja, für alle", "utf-32", "UTF-32"),
    ],
)
def test_another_encoding_is_named_with_the_remedy(tmp_path: Path, text: str, codec: str, name: str) -> None:
    path = written(tmp_path / "a b.csv", f"question_id,question,model,answer\nq1,{text},m,{text}\n".encode(codec))
    assert encoding_of(path.read_bytes()) == name
    with pytest.raises(FileError, match=rf"{name}.* — save .* as UTF-8: iconv -f {name} -t UTF-8 'a b.csv'"):
        read(path)


def test_questions_are_taken_once_from_answers(tmp_path: Path) -> None:
    rows = [{"instruction": QUESTION, "output": "Yes.", "generator": who} for who in ("x", "y")]
    (question,) = read_questions(written(tmp_path / "outputs.json", rows)).questions
    assert question.text == QUESTION
    table = written(tmp_path / "q.csv", "question;topic\nIs it right?;art\nIs it so?;art\n")
    found = read_questions(table).questions
    assert len({question.topic_id for question in found}) == 1
    assert len(found) == 2


@pytest.mark.parametrize(
    ("name", "content", "kind", "message"),
    [
        ("a.json", "{broken", None, "line 1: is not JSON"),
        ("a.jsonl", "[\n {}\n]", None, r"an array of objects is read from a file that ends in \.json"),
        ("a.json", [1], None, "entry 1: is not a JSON object"),
        ("a.csv", "sep=|\na|b\n", None, "line 1: 'sep=|' names no separator"),
        ("a.json", {"results": {}}, "promptfoo", "results.results: has no list of results"),
        ("a.jsonl", json.dumps(ROW), "inspect", "is not a result of inspect"),
        ("a.csv", "b,c\n1,2\n", "wide", "missing: question; present: b, c"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, name: str, content: Any, kind: Any, message: str) -> None:
    path = written(tmp_path / name, content)
    with pytest.raises(FileError, match=message.replace("|", r"\|")):
        list(read_source(path, kind).rows)


def test_an_unknown_format_and_rows_that_are_no_data_are_one_line() -> None:
    with pytest.raises(InputError, match="--from word: unknown — choose one of rows, wide, inspect"):
        read_source(Path("x"), "word")  # type: ignore[arg-type]
    endless: dict[str, Any] = {}
    endless["row"] = endless
    with pytest.raises(InputError, match="its cells are not plain data"):
        rows_in_memory([endless], "rows")


def test_a_log_of_inspect_needs_inspect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "inspect_ai.log", None)
    path = written(tmp_path / "a.json", {"version": 2, "eval": {"model": "m"}, "samples": []})
    with pytest.raises(InputError, match=r"pip install 'adaem\[inspect\]'"):
        list(read_source(path).rows)
