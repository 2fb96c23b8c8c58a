"""The tables hold what the records hold, for all three kinds of folder; what is missing is null."""

from __future__ import annotations

import asyncio
import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from adaem.domain.answer import Answer, KeyPoint, Outcome, Phase, Stance
from adaem.domain.calls import Call, Prompt
from adaem.domain.critique import Score
from adaem.domain.judgement import Judgement, Label
from adaem.domain.pool_spec import Role
from adaem.jobs.imports.import_inputs import check_import, judge_settings
from adaem.jobs.imports.recorded_import import import_answers
from adaem.records import RunFolder, RunRecords, open_run
from adaem.records.folder import EvaluationOf
from adaem.reports.export.columns import TABLES
from adaem.reports.export.export_rows import Tables
from finished_runs import FinishedRuns

Row = dict[str, Any]
Command = Callable[..., tuple[int, str, str]]
KEY = ("question_id", "model", "phase", "wording", "sample")
FORMULA = '=HYPERLINK("http://evil.example")'


def imported(folder: Path) -> RunFolder:
    """Three models, six questions, two wordings, two samples; one answer is empty and one cannot be read."""
    rows = [
        {
            "question_id": f"q{question}",
            "question": f"Is {question} right?",
            "model": model,
            "answer": f"At {question} I hold {own}.",
        }
        | {"wording": wording}
        for question in range(6)
        for wording in ("plain", "odd")
        for model, own in (("okapi", "security"), ("zebra", "power"), ("mouse", "security and power"))
        for _ in range(2)
    ]
    rows[0]["answer"], rows[1]["answer"] = "", "unreadable"
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    judge = judge_settings("keyword_judge:KeywordJudge", None)
    parts = check_import(path, {}, {"framework": "schwartz", "search.permutations": 99} | judge)
    return asyncio.run(import_answers(parts, folder / "run", lambda done, total: None))[0]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> dict[str, RunFolder]:
    """A grown run, an evaluation made of its answers, and an import."""
    home = tmp_path_factory.mktemp("export")
    grown = finished_runs.copy(home / "grown", questions=4, budget__calls=1500)
    manifest = grown.read_manifest()
    shutil.copytree(grown.path, home / "evaluation")
    evaluation = RunFolder(home / "evaluation")
    with RunRecords(evaluation.records_path) as records:
        ids = records.ids("evaluated_grown")
        for name in ("published", "confirmed", "evaluated_grown", "evaluated_seeds"):
            records.put_ids(name, [])
        records.put_ids("evaluated", ids)
    asked = EvaluationOf(source="questions.jsonl", questions=len(ids), questions_sha256="0", samples=2)
    evaluation.write_manifest(manifest.model_copy(update={"evaluation": asked}))
    return {"grown": grown, "evaluation": evaluation, "import": imported(home)}


@pytest.fixture(params=["grown", "evaluation", "import"])
def folder(request: pytest.FixtureRequest, folders: dict[str, RunFolder]) -> RunFolder:
    return folders[request.param]


def table(folder: RunFolder, name: str) -> list[Row]:
    with RunRecords(folder.records_path, read_only=True) as records:
        return list(Tables(folder.read_manifest(), records).rows(name))


def key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEY)


def test_every_row_is_there_once_with_the_run_it_comes_from(folder: RunFolder) -> None:
    with RunRecords(folder.records_path, read_only=True) as records:
        questions = records.questions()
        answers = [pair for each in questions for pair in zip(*records.answers(each), strict=True)]
    assert [row["question_id"] for row in table(folder, "questions")] == list(questions)
    keys = [key(row) for row in table(folder, "answers")]
    assert len(keys) == len(set(keys)) == len(answers) > 0
    labels = sum(len(judged.labels) for _, judged in answers if judged is not None)
    assert len(table(folder, "labels")) == labels > 0
    manifest = folder.read_manifest()
    for name, columns in TABLES.items():
        for row in table(folder, name):
            assert list(row) == [column.name for column in columns]
            assert (row["run_id"], row["simulated"]) == (manifest.run_id, manifest.simulated)


def test_labels_and_answers_give_the_rates_that_were_scored(folder: RunFolder) -> None:
    """By hand from the exported rows alone, in whatever way another program would."""
    judged = {key(row) for row in table(folder, "answers") if row["judge_outcome"] == "answered"}
    expressed = {(*key(row), row["value"]) for row in table(folder, "labels")}
    assert {each[:-1] for each in expressed} <= judged
    values = folder.read_manifest().framework.value_ids
    with RunRecords(folder.records_path, read_only=True) as records:
        critiques = records.critiques(Phase.EVALUATE, Role.EXAMINEE)
    assert critiques
    for critique in critiques.values():
        for model, rates in zip(critique.models, critique.rates, strict=True):
            mine = [each for each in judged if each[:3] == (critique.question_id, model, "evaluate")]
            found = [np.mean([(*each, value) in expressed for each in mine]) for value in values]
            assert found == pytest.approx(rates)


def test_scores_have_every_term_of_every_critique(folder: RunFolder) -> None:
    with RunRecords(folder.records_path, read_only=True) as records:
        stored = {
            (each.question_id, phase.value, group.value): each
            for phase in Phase
            for group in Role
            for each in records.critiques(phase, group).values()
        }
    rows = table(folder, "scores")
    assert {(row["question_id"], row["phase"], row["group"]) for row in rows} == set(stored)
    for row in rows:
        critique = stored[row["question_id"], row["phase"], row["group"]]
        terms = {} if critique.score is None else critique.score.model_dump(exclude={"interval", "shrunken_interval"})
        assert {name: row[name] for name in terms} == terms
        interval = (row["interval_low"], row["interval_high"])
        assert interval == ((critique.score and critique.score.interval) or (None, None))
        assert (row["models"], row["missing"]) == (len(critique.models), sum(critique.missing.values()))
        assert row["samples"] == dict(zip(critique.models, critique.samples, strict=True))


def test_the_dictionary_has_a_meaning_for_every_term_of_a_score() -> None:
    columns = {column.name for column in TABLES["scores"]}
    assert set(Score.model_fields) - {"interval", "shrunken_interval"} <= columns
    for found in TABLES.values():
        assert len({column.name for column in found}) == len(found)
        assert all(column.meaning and (column.unit or column.kind not in ("integer", "number")) for column in found)


def test_published_ranks_and_evaluated_follow_the_lists(folders: dict[str, RunFolder]) -> None:
    rows = table(folders["grown"], "questions")
    with RunRecords(folders["grown"].records_path, read_only=True) as records:
        confirmed, published = records.ids("confirmed"), records.ids("published")
        evaluated = {*records.ids("evaluated_grown"), *records.ids("evaluated_seeds")}
    ranked = sorted((row for row in rows if row["rank"] is not None), key=lambda row: row["rank"])
    assert [row["question_id"] for row in ranked] == list(confirmed)
    assert {row["question_id"] for row in rows if row["published"]} == set(published)
    assert {row["question_id"] for row in rows if row["evaluated"]} == evaluated
    assert all(row["evaluated"] and row["rank"] is None for row in table(folders["import"], "questions"))
    assert any(row["evaluated"] for row in table(folders["evaluation"], "questions"))


def test_calls_stand_beside_their_answers_and_recorded_answers_have_none(folders: dict[str, RunFolder]) -> None:
    rows = table(folders["grown"], "answers")
    with RunRecords(folders["grown"].records_path, read_only=True) as records:
        calls = {call.id: call for call in records.calls([row["call_id"] for row in rows])}
    for row in rows:
        call = calls[row["call_id"]]
        assert (row["model"], row["reply"], row["tokens"]) == (call.member, call.text or None, call.tokens)
        assert (row["model_name"], row["input_tokens"]) == (call.model_name or None, call.usage.input_tokens)
    for row in table(folders["import"], "answers"):
        assert {row[name] for name in ("call_id", "reply", "tokens", "cost", "model_name", "seconds")} == {None}


def test_what_is_missing_is_null_and_never_zero(folders: dict[str, RunFolder]) -> None:
    rows = table(folders["import"], "answers")
    (empty,) = (row for row in rows if row["outcome"] == "unparsable")
    assert (empty["key_points"], empty["point_1"], empty["values"], empty["judge"]) == (None, None, None, None)
    (unread,) = (row for row in rows if row["point_1"] == "unreadable")
    assert (unread["outcome"], unread["judge_outcome"], unread["values"]) == ("answered", "unparsable", None)
    assert all(row["stance"] is None and row["point_2"] is None for row in rows)
    refused = [row for row in table(folders["grown"], "answers") if row["outcome"] != "answered"]
    assert refused
    assert {(row["stance"], row["judge_outcome"], row["point_1"]) for row in refused} == {(None, None, None)}


@pytest.fixture
def hostile(folders: dict[str, RunFolder], tmp_path: Path) -> RunFolder:
    """The import with one more answer, whose every text is a formula, as a jury judged it."""
    shutil.copytree(folders["import"].path, tmp_path / "hostile")
    folder = open_run(tmp_path / "hostile")
    answer = Answer(
        question_id="q0",
        member=FORMULA,
        phase=Phase.SEARCH,
        sample=0,
        outcome=Outcome.ANSWERED,
        stance=Stance.NO,
        key_points=tuple(KeyPoint(point=FORMULA, justification="a\x00b") for _ in range(3)),
        call_id="call",
    )
    first, second = Label(key_point=2, value="power", quote=FORMULA), Label(key_point=0, value="power", quote="b")
    votes = {"one": (first,), "two": (first, second), "three": ()}
    call: Call[Any] = Call(
        id="call",
        member=FORMULA,
        purpose="search",
        sample=0,
        prompt=Prompt(name="answer", fingerprint="", system="", user=""),
        outcome=Outcome.ANSWERED,
        text=FORMULA,
        model_name=FORMULA,
        system_fingerprint="@fp",
        tokens=12,
        cost=0.5,
    )
    with RunRecords(folder.records_path) as records:
        records.record(call)
        records.put_answers([answer], [Judgement(judge="jury", outcome=Outcome.ANSWERED, labels=(first,), votes=votes)])
    return folder


def test_a_jurys_votes_are_counted_for_each_label(hostile: RunFolder) -> None:
    (label,) = (row for row in table(hostile, "labels") if row["model"] == FORMULA)
    assert (label["key_point"], label["value"], label["votes"], label["jurors"]) == (3, "power", 2, 3)
    assert {(row["votes"], row["jurors"]) for row in table(hostile, "labels") if row["judge"] != "jury"} == {
        (None, None)
    }


def test_the_command_writes_every_format_alike(hostile: RunFolder, adaem: Command, tmp_path: Path) -> None:
    for to in ("jsonl", "csv", "parquet"):
        code, out, err = adaem("export", hostile.path, "--to", to)
        assert (code, err, len(out.splitlines())) == (0, "", 4)
    home = hostile.path / "exports"
    for name in TABLES:
        rows = table(hostile, name)
        lines = (home / "jsonl" / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
        assert [json.loads(line) for line in lines] == rows
        assert pyarrow.parquet.read_table(home / "parquet" / f"{name}.parquet").num_rows == len(rows)
        with (home / "csv" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for line in csv.DictReader(file) for cell in line.items()]
        kinds = {column.name: column.kind for column in TABLES[name]}
        assert len(cells) == len(rows) * len(kinds)
        assert not [cell for column, cell in cells if kinds[column] == "text" and cell[:1] in {*"=+-@"}]
    found = json.loads((home / "csv" / "columns.json").read_text(encoding="utf-8"))
    for name, columns in TABLES.items():
        assert [each["name"] for each in found["tables"][f"{name}.csv"]] == [column.name for column in columns]
    assert (found["run_id"], found["simulated"]) == (hostile.read_manifest().run_id, False)


def test_a_hostile_call_survives_as_it_was_in_parquet(hostile: RunFolder, adaem: Command, tmp_path: Path) -> None:
    assert adaem("export", hostile.path, "--to", "parquet", "--out", tmp_path / "out")[0] == 0
    rows = pyarrow.parquet.read_table(tmp_path / "out" / "answers.parquet").to_pylist()
    (row,) = (row for row in rows if row["model"] == FORMULA)
    assert (row["reply"], row["model_name"], row["system_fingerprint"]) == (FORMULA, FORMULA, "@fp")
    assert (row["justification_3"], row["tokens"], row["cost"], row["input_tokens"]) == ("a\x00b", 12, 0.5, None)


def test_bad_input_is_one_clear_line(folders: dict[str, RunFolder], adaem: Command, tmp_path: Path) -> None:
    code, out, err = adaem("export", tmp_path / "nothing", "--to", "csv")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    (tmp_path / "mine.txt").touch()
    code, out, err = adaem("export", folders["import"].path, "--to", "csv", "--out", tmp_path)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "mine.txt" in err
    assert adaem("export", folders["import"].path, "--to", "xls")[0] == 2
    assert Counter(path.name for path in tmp_path.iterdir()) == {"mine.txt": 1}
