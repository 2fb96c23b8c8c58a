"""``adaem show``: a question with the answers, by id and by rank; and what a report says to do next."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.records import RunRecords
from finished_runs import FinishedRuns

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def runs(finished_runs: FinishedRuns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    finished_runs.copy(tmp_path / "runs" / "first")
    monkeypatch.chdir(tmp_path)
    return Path("runs/first")


def test_two_models_stand_side_by_side_with_the_quoted_words(runs: Path, adaem: Command) -> None:
    with RunRecords(runs / "run.sqlite", read_only=True) as records:
        best = records.ids("confirmed")[0]
        text = records.questions([best])[best].text
        one, other = list(dict.fromkeys(answer.member for answer in records.answers(best)[0]))[:2]
    code, out, err = adaem("show", "latest", "1", "--models", f"{other}, {one}")
    assert (code, err) == (0, "")
    assert out.startswith("SIMULATED RESPONDENTS")
    assert " ".join(text.split()) in " ".join(out.split())
    assert re.search(rf"^{other} \(\w+\) -+ +{one} \(\w+\) -+$", out, re.MULTILINE)
    assert max(map(len, out.splitlines())) <= 80


def test_the_same_as_data_has_every_model_and_only_its_freshest_answers(runs: Path, adaem: Command) -> None:
    code, out, _ = adaem("show", runs, "1", "--json")
    assert code == 0
    shown = json.loads(out)
    with RunRecords(runs / "run.sqlite", read_only=True) as records:
        answers, _ = records.answers(shown["question_id"])
    assert {each["model"] for each in shown["models"]} == {answer.member for answer in answers}
    order = ("search", "confirm", "evaluate")
    for each in shown["models"]:
        phases = {answer.phase.value for answer in answers if answer.member == each["model"]}
        assert each["phase"] == max(phases, key=order.index)
        assert {one["answer"]["phase"] for one in each["answers"]} == {each["phase"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("q9999-99",), "no question is called 'q9999-99'"),
        (("0",), "no question is called '0'"),
        (("1", "--models", "nobody"), "'nobody' was not asked"),
    ],
)
def test_bad_input_is_one_line(runs: Path, adaem: Command, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = adaem("show", runs, *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_the_next_commands_of_a_report_are_commands(runs: Path, adaem: Command) -> None:
    _, out, _ = adaem("report", runs)
    after = out.partition("Next:\n")[2].partition("\n\n")[0].splitlines()
    commands = [re.split(r"  +", line.strip())[0] for line in after if line.startswith("  adaem ")]
    assert [each.split()[1] for each in commands] == ["report", "show", "resume", "evaluate"]
    _, question, _ = adaem(*shlex.split(commands[1])[1:])
    assert "question q" in question
