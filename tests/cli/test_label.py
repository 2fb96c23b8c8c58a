"""``adaem judge label`` and ``agree``: a person's half hour, on scripted standard input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adaem.agents.judges.labelled_texts import read_labelled_texts
from adaem.cli.app import app
from adaem.domain.answer import Answer, KeyPoint, Outcome, Phase
from adaem.domain.judgement import Judgement, Label
from adaem.domain.question import Question
from adaem.domain.settings import Settings
from adaem.records import Manifest, RunFolder, RunRecords
from small_world import HOSTILE, VALUES, framework
from typer.testing import CliRunner, Result

Command = Callable[..., tuple[int, str, str]]

MODELS = ("okapi", "zebra")
QUESTIONS = 20


def judged_folder(path: Path, run_id: str = "first", *, judged: bool = True, **theory: Any) -> Path:
    """Two models' answers to twenty questions, three key points each, with a judge's labels; texts are hostile."""
    path.mkdir()
    folder = RunFolder(path)
    folder.write_manifest(
        Manifest(
            run_id=run_id,
            adaem_version="0",
            created_at="",
            simulated=False,
            settings=Settings(),
            framework=framework(**theory),
            framework_sha256="",
            pool=None,
            prompts={},
            embedder="",
            packages={},
            status="finished",
        )
    )
    rng, hostile = np.random.default_rng(0), list(HOSTILE.values())
    questions, answers, judgements = [], [], []
    for number in range(QUESTIONS):
        asked = f"Is {number} right? {hostile[number % len(hostile)]}"
        questions.append(Question(id=f"q{number}", topic_id="t", topic="t", text=asked))
        for member in MODELS:
            said = [f"Point {place} of {number} {hostile[(number + place) % len(hostile)]}" for place in range(3)]
            answers.append(
                Answer(
                    question_id=f"q{number}",
                    member=member,
                    phase=Phase.EVALUATE,
                    sample=0,
                    outcome=Outcome.ANSWERED,
                    key_points=tuple(KeyPoint(point=text, justification="") for text in said),
                )
            )
            found = [value for value, rate in zip(VALUES, (0.5, 0.2, 0.05), strict=True) if rng.random() < rate]
            labels = tuple(Label(key_point=0, value=value, quote="JUDGES-WORDS") for value in found)
            judgements.append(Judgement(judge="scale", outcome=Outcome.ANSWERED, labels=labels) if judged else None)
    with RunRecords(folder.records_path) as records:
        records.put_questions(questions)
        records.put_answers(answers, judgements)
    return path


def typed(lines: str, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["judge", "label", *map(str, arguments)], input=lines)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return judged_folder(tmp_path / "run")


def test_twelve_answers_are_labelled_blind_and_every_reader_takes_them(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels.jsonl"
    result = typed("1 3\n0\ns\n" + "2,1\n" * 20, run, "--out", out, "--rows", 12, "--seed", 3)
    assert result.exit_code == 0, result.output
    labelled = rows(out)
    assert result.stdout.startswith(f"{len(labelled)} of {len(labelled)} answers done, 1 of them skipped: {out};")
    assert [row["values"] for row in labelled[:4]] == [["care", "safety"], [], None, ["care", "power"]]
    # Neither the model nor the judge shows, nor can a model's words steer the terminal.
    assert not any(word in result.output for word in (*MODELS, "scale", "JUDGES-WORDS", "\x1b", "\x9b", "\u202e"))
    assert result.stderr.count("numbers of the values") == len(labelled)
    assert f"2 of {len(labelled)}, less than a minute left" in result.stderr
    read = read_labelled_texts([out], framework())
    assert read.left_out == {"skipped by who labelled": 1}
    assert {len(row.texts) for row in read.rows} == {3}
    assert {row.model for row in read.rows} <= set(MODELS)
    assert [row.weight for row in read.rows] == [row["weight"] for row in labelled if row["values"] is not None]


def test_a_stop_goes_on_and_a_slip_is_taken_back(run: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.jsonl", tmp_path / "parts.jsonl"
    assert typed("1\n2\n3\n1 2\n" + "0\n" * 20, run, "--out", whole, "--rows", 9).exit_code == 0
    assert typed("u\n1\nq\n", run, "--out", parts, "--rows", 9).exit_code == 0  # nothing is before the first
    assert len(rows(parts)) == 1
    asked_again = typed("3\n4\n-1\n\nyes\n?\nu\n2\n3\n", run, "--out", parts)  # the file knows how many
    assert asked_again.stdout.startswith(f"3 of {len(rows(whole))} answers done: {parts}; the same command goes on")
    assert asked_again.stderr.count("is none of these") == 4
    assert "What power is. Such as: a; b." in asked_again.stderr
    assert typed("1 2\n" + "0\n" * 20, run, "--out", parts).exit_code == 0
    assert parts.read_bytes() == whole.read_bytes()
    assert typed("", run, "--out", parts).exit_code == 0, "all are done, and nothing is asked"


def test_what_cannot_be_labelled_is_one_line(adaem: Command, run: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun.jsonl"
    typed("1\n2\n", run, "--out", begun, "--rows", 9)
    before = begun.read_bytes()
    (tmp_path / "notes.txt").write_text("my notes\n", encoding="utf-8")
    shuffled = tmp_path / "shuffled.jsonl"
    shuffled.write_text("".join(f"{json.dumps(row)}\n" for row in reversed(rows(begun))), encoding="utf-8")
    other = judged_folder(tmp_path / "other", "second")
    for arguments, message in (
        ((tmp_path, "--out", tmp_path / "new"), "is not a run"),
        ((judged_folder(tmp_path / "bare", judged=False), "--out", tmp_path / "new"), "no answer that was judged"),
        ((other, "--out", begun), "holds labels of another run, first"),
        (
            (judged_folder(tmp_path / "same", id="other"), "--out", begun),
            "of the framework 'tiny', this run's is 'other'",
        ),
        ((run, "--out", begun, "--rows", 10), "was begun with --rows 9 --seed 0"),
        ((run, "--out", begun, "--seed", 1), "was begun with --rows 9 --seed 0"),
        ((run, "--out", tmp_path / "notes.txt"), "line 1: was not written by 'adaem judge label'"),
        ((run, "--out", shuffled), "its rows are not this sample's"),
        ((run, "--out", tmp_path / "new", "--rows", 2), "too few for 3 values"),
        ((run, "--out", tmp_path / "none" / "new"), "its folder does not exist"),
        ((run, "--out", run), "is a folder"),
    ):
        code, out, err = adaem("judge", "label", *arguments)
        assert (code, out) == (2, ""), arguments
        assert message in err
        assert err.count("\n") == 1
    assert begun.read_bytes() == before
    assert not (tmp_path / "new").exists()


def test_two_people_agree_as_far_as_they_do(adaem: Command, run: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(framework().model_dump_json(exclude_none=True), encoding="utf-8")
    mine, yours = tmp_path / "mine.jsonl", tmp_path / "yours.jsonl"
    typed("1\n1 2\n" * 20, run, "--out", mine, "--rows", 12)
    typed("1\n1\n1 2\n1 2\ns\n" * 20, run, "--out", yours, "--rows", 12)
    common = [(one, two) for one, two in zip(rows(mine), rows(yours), strict=True) if two["values"] is not None]
    framed = ["--framework", tmp_path / "tiny.yaml"]
    code, out, err = adaem("judge", "agree", mine, yours, *framed, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert (found["rows"], found["only_one"]) == (len(common), len(rows(mine)) - len(common))
    assert found["values"]["care"] == {"both": len(common), "first": 0, "second": 0, "alpha": None}
    both, first, second = (
        sum(("power" in one["values"], "power" in two["values"]) == pair for one, two in common)
        for pair in ((True, True), (True, False), (False, True))
    )
    power = found["values"]["power"]
    assert (power["both"], power["first"], power["second"]) == (both, first, second)
    ones = 2 * both + first + second
    total = 2 * len(common)
    # Krippendorff (2011) for two who both labelled everything: 1 - (n - 1) disagreements / (ones x zeros).
    assert power["alpha"]["estimate"] == pytest.approx(1 - (total - 1) * (first + second) / (ones * (total - ones)))
    low, high = power["alpha"]["interval"]
    assert low <= power["alpha"]["estimate"] <= high
    assert "Krippendorff's alpha" in adaem("judge", "agree", mine, yours, *framed)[1]
    typed("1\n" * 20, run, "--out", tmp_path / "late.jsonl", "--rows", 12, "--seed", 5)
    for row in (late := rows(tmp_path / "late.jsonl")):
        row["id"] = f"new {row['id']}"
    (tmp_path / "late.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in late), encoding="utf-8")
    code, _, err = adaem("judge", "agree", mine, tmp_path / "late.jsonl", *framed)
    assert code == 2
    assert "no row in common" in err
