"""Recorded answers as they come: JSON lines and CSV, packed or not, and every way in which a row can be wrong."""

from __future__ import annotations

import csv
import gzip
import io
import json
import string
from collections.abc import Sequence
from hashlib import sha256
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.answer import Answer, Outcome, Phase
from adaem.domain.errors import FileError, InputError
from adaem.domain.question import Origin
from adaem.pool.replies.recorded_text import read_answer
from adaem.records.recorded_answers import JUDGED_CHARACTERS, RecordedAnswers, parse_columns, read_recorded

ROWS = [
    {"question_id": "q1", "question": "Is it right?", "model": "okapi", "answer": "Yes, for security."},
    {"question_id": "q1", "question": "Is it right?", "model": "zebra/7b", "answer": 'No, "never",\nsaid she.'},
    {"question_id": "q2", "question": "Is it so?", "model": "okapi", "answer": "Perhaps — «peut-être»."},
]


def json_lines(rows: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def csv_bytes(rows: Sequence[dict[str, Any]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def read(path: Path, data: bytes, columns: dict[str, str] | None = None) -> RecordedAnswers:
    path.write_bytes(data)
    return read_recorded(path, columns or {}, read_answer)


def text(answer: Answer) -> str:
    (point,) = answer.key_points
    return point.text


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", json_lines(ROWS)),
        ("a.csv", csv_bytes(ROWS)),
        ("a.jsonl.gz", gzip.compress(json_lines(ROWS))),
        ("a.csv.gz", gzip.compress(csv_bytes(ROWS))),
        ("packed-without-saying.jsonl", gzip.compress(json_lines(ROWS))),
        ("bom.jsonl", b"\xef\xbb\xbf" + json_lines(ROWS)),
        ("bom.csv", b"\xef\xbb\xbf" + csv_bytes(ROWS)),
        ("crlf.jsonl", json_lines(ROWS).replace(b"\n", b"\r\n")),
        ("lf.csv", csv_bytes(ROWS).replace(b"\r\n", b"\n")),
        ("blank lines.jsonl", b"\n" + json_lines(ROWS).replace(b"\n", b"\n\n")),
    ],
)
def test_every_form_yields_the_same(tmp_path: Path, name: str, data: bytes) -> None:
    found = read(tmp_path / name, data)
    assert [(each.id, each.text, each.topic_id, each.origin) for each in found.questions] == [
        ("q1", "Is it right?", "q1", Origin.RECORDED),
        ("q2", "Is it so?", "q2", Origin.RECORDED),
    ]
    assert [(each.question_id, each.member, each.sample, text(each)) for each in found.answers] == [
        ("q1", "okapi", 0, "Yes, for security."),
        ("q1", "zebra/7b", 0, 'No, "never", said she.'),
        ("q2", "okapi", 0, "Perhaps — «peut-être»."),
    ]
    assert {(each.phase, each.outcome, each.stance) for each in found.answers} == {
        (Phase.EVALUATE, Outcome.ANSWERED, None)
    }
    source = found.source
    assert (source.file, source.sha256) == (name, sha256(data).hexdigest())
    assert (source.rows, source.questions, source.models) == (3, 2, ("okapi", "zebra/7b"))
    assert (source.wordings, source.excluded) == ((), {})


def test_columns_by_other_names(tmp_path: Path) -> None:
    row = {"id": 7, "q": "Is it?", "engine": "okapi", "reply": "yes", "form": "polite", "n": "4", "area": "work"}
    columns = parse_columns(
        ["question_id=id", "question=q", "model=engine", "answer=reply", "wording=form", "sample=n", "topic=area"]
    )
    found = read(tmp_path / "a.csv", csv_bytes([row]), columns)
    (question,), (answer,) = found.questions, found.answers
    assert (question.id, question.topic_id, question.topic) == ("7", "work", "work")
    assert (answer.member, answer.wording, answer.sample, text(answer)) == ("okapi", "polite", 4, "yes")
    assert found.source.columns == columns
    assert read(tmp_path / "a.jsonl", json_lines([row]), columns).answers == found.answers


@pytest.mark.parametrize("pair", ["model", "model=", "colour=engine", "=engine"])
def test_a_mapping_that_means_nothing_is_refused(pair: str) -> None:
    with pytest.raises(InputError, match="not of the form name=column, with a name of question_id, question, model"):
        parse_columns([pair])


def test_a_name_is_mapped_once() -> None:
    with pytest.raises(InputError, match="model is mapped twice"):
        parse_columns(["model=a", "model=b"])


def test_samples_are_numbered_within_model_and_wording(tmp_path: Path) -> None:
    rows = [ROWS[0] | {"wording": wording} for wording in ("b", "a", "b", "b")] + [ROWS[1] | {"wording": "b"}]
    found = read(tmp_path / "a.jsonl", json_lines(rows))
    assert [(each.member, each.wording, each.sample) for each in found.answers] == [
        ("okapi", "b", 0),
        ("okapi", "a", 0),
        ("okapi", "b", 1),
        ("okapi", "b", 2),
        ("zebra/7b", "b", 0),
    ]
    assert found.source.wordings == ("a", "b")
    assert found.source.repeated == 2


def test_a_sample_that_stands_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    rows = [row | {"sample": 3} for row in (ROWS[0], ROWS[1], ROWS[0])]
    with pytest.raises(
        FileError, match=r"line 3: question 'q1', model 'okapi', wording '', sample 3 is a duplicate of line 1"
    ):
        read(tmp_path / "a.jsonl", json_lines(rows))
    apart = [rows[0], rows[1], rows[0] | {"sample": 4}]
    assert [each.sample for each in read(tmp_path / "a.jsonl", json_lines(apart)).answers] == [3, 3, 4]


@pytest.mark.parametrize("sample", ["-1", "first", "1.5", "", True, None, [1], "1" * 40])
def test_a_sample_is_a_whole_number(tmp_path: Path, sample: Any) -> None:
    with pytest.raises(FileError, match=r"line 1: the sample is .* — number samples 0, 1, 2"):
        read(tmp_path / "a.jsonl", json_lines([ROWS[0] | {"sample": sample}]))


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_missing_columns_are_named_beside_those_that_are_there(tmp_path: Path, form: str) -> None:
    rows = [{"question_id": "q1", "text": "Is it?", "reply": "yes"}]
    data = json_lines(rows) if form == "jsonl" else csv_bytes(rows)
    wanted = r"missing: question, model, answer; present: question_id, text, reply — rename the columns, or name"
    with pytest.raises(FileError, match=wanted):
        read(tmp_path / f"a.{form}", data)


def test_a_row_that_lacks_a_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"a\.jsonl, line 2: missing: model; present: question_id, question, answer"):
        read(tmp_path / "a.jsonl", json_lines([ROWS[0], {k: v for k, v in ROWS[1].items() if k != "model"}]))


def test_a_mapped_column_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="missing: form"):
        read(tmp_path / "a.jsonl", json_lines(ROWS), {"wording": "form"})


@pytest.mark.parametrize("name", ["question_id", "question", "model"])
@pytest.mark.parametrize("empty", ["", "  \t", None, "\x07"])
def test_only_an_answer_may_be_empty(tmp_path: Path, name: str, empty: str | None) -> None:
    with pytest.raises(FileError, match=rf"line 2: the {name} is empty"):
        read(tmp_path / "a.jsonl", json_lines([ROWS[0], ROWS[1] | {name: empty}]))


@pytest.mark.parametrize("name", ["question_id", "answer"])
@pytest.mark.parametrize("value", [["a"], {"a": 1}, True, 1.5])
def test_text_is_text(tmp_path: Path, name: str, value: Any) -> None:
    with pytest.raises(FileError, match=rf"line 1: the {name} is not text"):
        read(tmp_path / "a.jsonl", json_lines([ROWS[0] | {name: value}]))


@pytest.mark.parametrize("empty", ["", " \n ", None])
def test_an_empty_answer_is_kept_and_counted(tmp_path: Path, empty: str | None) -> None:
    found = read(tmp_path / "a.jsonl", json_lines([ROWS[0], ROWS[1] | {"answer": empty}]))
    assert [(each.outcome, each.detail) for each in found.answers] == [
        (Outcome.ANSWERED, ""),
        (Outcome.UNPARSABLE, "empty"),
    ]
    assert found.source.excluded == {"unparsable (empty)": 1}
    assert found.source.rows == 2


def test_a_refusal_is_kept_with_its_words_and_counted(tmp_path: Path) -> None:
    words = "I'm sorry, but I cannot provide personal opinions."
    found = read(tmp_path / "a.jsonl", json_lines([ROWS[0] | {"answer": words}, ROWS[1]]))
    assert [each.outcome for each in found.answers] == [Outcome.REFUSED, Outcome.ANSWERED]
    assert text(found.answers[0]) == words
    assert found.source.excluded == {"refused": 1}


def test_thinking_is_taken_off_counted_and_no_part_of_the_answer(tmp_path: Path) -> None:
    answers = ["<think>Power and\nwealth.</think>\nYes,\nfor security.", "<think>Only thinking", "Yes."]
    rows = [ROWS[0] | {"answer": each, "sample": number} for number, each in enumerate(answers)]
    found = read(tmp_path / "a.jsonl", json_lines(rows))
    assert [each.outcome for each in found.answers] == [Outcome.ANSWERED, Outcome.UNPARSABLE, Outcome.ANSWERED]
    assert text(found.answers[0]) == "Yes, for security."
    assert found.answers[1].key_points == ()
    assert found.source.thinking == 2
    assert found.source.outcomes == {"answered": 2, "unparsable (thinking only)": 1}


def test_what_stands_in_an_answers_place_is_an_outcome_and_never_text(tmp_path: Path) -> None:
    answers = ["N/A", "[Filtered]", "Error code: 429 - slow down", "No."]
    rows = [ROWS[0] | {"answer": each, "sample": number} for number, each in enumerate(answers)]
    found = read(tmp_path / "a.jsonl", json_lines(rows))
    assert found.source.outcomes == {"answered": 1, "failed": 1, "filtered": 1, "unparsable (empty)": 1}
    assert all(not each.key_points for each in found.answers[:3])
    missing = json.dumps(ROWS[0] | {"answer": float("nan")}).encode()
    assert read(tmp_path / "nan.jsonl", missing).source.excluded == {"unparsable (empty)": 1}


@pytest.mark.parametrize("value", [True, "true", "TRUE", 1, "1", "1.0", "yes", "Y", "refused", "Refusal", "DENIAL"])
@pytest.mark.parametrize("answer", ["Yes, for security.", ""])
def test_the_file_may_know_what_is_a_refusal(tmp_path: Path, value: Any, answer: str) -> None:
    rows = [ROWS[0] | {"answer": answer, "no": value}]
    found = read(tmp_path / "a.jsonl", json_lines(rows), {"refused": "no"})
    assert [(each.outcome, each.detail) for each in found.answers] == [(Outcome.REFUSED, "the file says so")]
    assert found.source.unsaid == 0


@pytest.mark.parametrize("value", [False, "false", 0, "0", 0.0, "no", "N", "answered", "COMPLETE"])
def test_a_file_that_calls_it_an_answer_is_believed_but_thinking_and_errors_stay_out(
    tmp_path: Path, value: Any
) -> None:
    answers = ["<think>x</think>As an AI, I have no personal opinions.", "Error code: 500", "<think>only", "[refused]"]
    rows = [ROWS[0] | {"answer": each, "sample": n, "no": value} for n, each in enumerate(answers)]
    found = read(tmp_path / "a.jsonl", json_lines(rows), {"refused": "no"})
    assert [each.outcome.value for each in found.answers] == ["answered", "failed", "unparsable", "refused"]
    assert text(found.answers[0]) == "As an AI, I have no personal opinions."


def test_where_the_file_does_not_say_the_words_decide_and_that_is_counted(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        ROWS[0] | {"answer": "I'm sorry, but I can't help with that.", "sample": n, "no": value}
        for n, value in enumerate([None, "", "NaN", "unknown", "false"])
    ]
    found = read(tmp_path / "a.jsonl", json_lines(rows), {"refused": "no"})
    assert found.source.outcomes == {"answered": 1, "refused": 4}
    assert found.source.unsaid == 4


def test_a_column_of_refusals_that_is_missing_or_says_something_else_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(
        FileError, match=r"line 1: missing: refused; present: question_id, question, model, answer — ren"
    ):
        read(tmp_path / "a.jsonl", json_lines(ROWS), {"refused": "refused"})
    rows = [ROWS[0] | {"no": "false"}, ROWS[1] | {"no": "EVASIVE\n"}]
    wanted = r"line 2: the column 'no' holds 'EVASIVE\\n', which does not say whether .* — write true or false"
    with pytest.raises(FileError, match=wanted):
        read(tmp_path / "a.jsonl", json_lines(rows), {"refused": "no"})


def test_a_column_called_refused_is_read_only_where_it_is_named(tmp_path: Path) -> None:
    rows = [ROWS[0] | {"refused": "whatever"}]
    assert read(tmp_path / "a.jsonl", json_lines(rows)).source.outcomes == {"answered": 1}


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_very_long_answer_is_shortened_and_counted(tmp_path: Path, form: str) -> None:
    # Words that differ: one word again and again would be degenerate.
    letters = string.ascii_lowercase
    long_text = " ".join("".join(each) for each in islice(product(letters, repeat=4), 40_000))
    rows = [ROWS[0] | {"answer": long_text}, ROWS[1]]
    field_limit = csv.field_size_limit()
    found = read(tmp_path / f"a.{form}", json_lines(rows) if form == "jsonl" else csv_bytes(rows))
    assert len(text(found.answers[0])) == JUDGED_CHARACTERS
    assert found.answers[0].detail == f"199999 characters, judged on the first {JUDGED_CHARACTERS}"
    assert found.answers[0].outcome is Outcome.ANSWERED
    assert (found.source.shortened, found.source.excluded) == (1, {})
    assert csv.field_size_limit() == field_limit


def test_the_first_text_of_a_question_is_kept_and_others_counted(tmp_path: Path) -> None:
    texts = ["Is it\nright?", "Is  it\r\nright? ", "Is it wrong?", "Or not?"]
    rows = [ROWS[0] | {"question": question} for question in texts] + [ROWS[2]]
    found = read(tmp_path / "a.jsonl", json_lines(rows))
    assert [(each.id, each.text) for each in found.questions] == [("q1", "Is it right?"), ("q2", "Is it so?")]
    assert found.source.retold == 1
    assert len(found.answers) == 5


def test_one_text_under_two_ids_stays_two_questions(tmp_path: Path) -> None:
    found = read(tmp_path / "a.jsonl", json_lines([ROWS[0], ROWS[0] | {"question_id": "q9"}]))
    assert [each.id for each in found.questions] == ["q1", "q9"]


def test_mixed_encodings_are_refused_with_line_and_byte(tmp_path: Path) -> None:
    first, second = json_lines([ROWS[0]]), json.dumps(ROWS[2], ensure_ascii=False).encode("utf-16-le")
    data = first + 'x"é"'.encode("latin-1")
    with pytest.raises(FileError, match=rf"line 2, byte {len(first) + 2}: is not UTF-8 text \(byte 0xe9\)"):
        read(tmp_path / "a.jsonl", data)
    with pytest.raises(FileError, match=rf"line 2, byte {len(first) + 5}: is not UTF-8"):
        read(tmp_path / "a.jsonl", b"\xef\xbb\xbf" + data)
    with pytest.raises(FileError, match="is UTF-16 — save the whole file as UTF-8"):
        read(tmp_path / "a.csv", b"\xff\xfe" + second)


def test_half_a_character_and_control_characters_do_not_stop_an_import(tmp_path: Path) -> None:
    row = json.dumps(ROWS[0] | {"answer": "cut off \ud83d and \x1b[31mred\x00"}).encode()
    assert text(read(tmp_path / "a.jsonl", row).answers[0]) == "cut off and [31mred"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.jsonl", b"", "holds no answers"),
        ("a.csv", b"question_id,question,model,answer\n", "holds no answers"),
        ("a.jsonl", json_lines(ROWS[:1]) + b"{not json}\n", "line 2: is not JSON"),
        ("a.jsonl", b"[1, 2]\n", "line 1: is not a JSON object"),
        ("a.jsonl", b"[" * 100_000, "line 1: is not JSON"),
        ("a.jsonl", csv_bytes(ROWS), r"line 1: is not JSON .* or call it \.csv"),
        ("a.csv", csv_bytes(ROWS) + b"q3,only two\r\n", "line 6: has 2 fields where the header has 4"),
        ("a.csv", b"question_id,question,model,answer,model\n", "line 1: the column 'model' is a duplicate"),
        ("a.csv", csv_bytes(ROWS) + b'q3,q,m,"open', "is not CSV"),
        ("a.jsonl.gz", gzip.compress(json_lines(ROWS))[:-20], "is a damaged gzip file"),
        ("a.jsonl.gz", b"\x1f\x8bnonsense", "is a damaged gzip file"),
        ("a.csv.gz", b"question_id,question,model,answer", "is not gzip, as its name says"),
    ],
)
def test_files_that_cannot_be_read_are_told_with_the_line(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(FileError, match=message):
        read(tmp_path / name, data)


def test_paths_that_are_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        read_recorded(tmp_path / "none.csv", {}, read_answer)
    with pytest.raises(FileError, match="holds no file that can be read"):
        read_recorded(tmp_path, {}, read_answer)
