"""``adaem run --step``: pauses that a user answers, on scripted standard input."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from adaem.cli.app import app
from adaem.records import RunFolder, RunRecords, TraceEvent, read_trace
from adaem.results.comparison.diff_folders import diff
from growing import simulated_pool
from places import ROOT
from typer.testing import CliRunner, Result

SMALL = ("--questions", "4", "--calls", "420", "--rounds", "2", "-s", "search.permutations=99")
FEW = (*SMALL, "-s", "search.moves_per_round=2", "-s", "samples.confirm=2", "-s", "samples.evaluate=2")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool, and the run as it is when nobody pauses."""
    folder = tmp_path_factory.mktemp("step")
    simulated_pool(folder / "pool.yaml")
    assert typed(folder, "", "run", "--out", str(folder / "plain"), step=()).exit_code == 0
    return folder


def typed(home: Path, answers: str, verb: str, *arguments: str, step: tuple[str, ...] = ("--step",)) -> Result:
    settings = (*FEW, "--pool", str(home / "pool.yaml")) if verb == "run" else ()
    return CliRunner().invoke(app, [verb, *settings, *arguments, *step], input=answers)


def steps(run: Path) -> dict[str, TraceEvent]:
    return {event.id: event for event in read_trace(RunFolder(run).trace_path)[0]}


def lines(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "questions.jsonl").read_text(encoding="utf-8").splitlines()]


def test_going_on_at_every_pause_is_the_run_without_pauses(home: Path, tmp_path: Path) -> None:
    result = typed(home, "\n" * 100, "run", "--out", str(tmp_path / "run"))
    assert result.exit_code == 0, result.output
    found = diff(home / "plain", tmp_path / "run")
    assert found.nothing_differs, found.sentences
    for step, event in steps(tmp_path / "run").items():
        assert result.stderr.count(f"next: {step}, by the {event.agent}\n") == 1
    assert result.stderr.index("next: 1.1.critique") < result.stderr.index("next: 1.2.propose"), (
        "one move after another"
    )


def test_running_on_asks_no_more(home: Path, tmp_path: Path) -> None:
    result = typed(home, "\nr\n", "run", "--out", str(tmp_path / "run"))
    assert result.exit_code == 0, result.output
    assert result.stderr.count("next: ") == 2
    assert diff(home / "plain", tmp_path / "run").nothing_differs


def test_an_edited_question_is_the_one_that_is_asked_and_it_is_marked(home: Path, tmp_path: Path) -> None:
    words = "Should a village keep its well, even if the town offers pipes?"
    result = typed(home, f"e\n{words}\nr\n", "run", "--before", "novelty", "--out", str(tmp_path / "run"))
    assert result.exit_code == 0, result.output
    found = steps(tmp_path / "run")
    was = steps(home / "plain")["1.1.propose"].summary
    assert found["1.1.novelty"].data["by_hand"] == {"edited": "question", "before": was, "after": words}
    assert found["1.1.probe"].data["question"] == words
    assert "by_hand" not in found["1.2.novelty"].data
    with RunRecords(tmp_path / "run" / "run.sqlite", read_only=True) as records:
        questions = records.questions()
        assert (questions["q0001-01"].text, questions["q0001-01"].edited) == (words, True)
        assert not questions["q0001-02"].edited
        sent = records.calls(found["1.1.probe"].call_ids)
        assert sent
        assert all(words in call.prompt.user for call in sent)
    confirmed = {line["id"]: line["edited"] for line in lines(tmp_path / "run")}
    assert all(edited == (question == "q0001-01") for question, edited in confirmed.items())


def test_an_edited_topic_reaches_the_explorer_and_marks_the_question(home: Path, tmp_path: Path) -> None:
    topic = "Should villages keep their wells?"
    result = typed(home, f"e\n{topic}\nr\n", "run", "--before", "explorer", "--out", str(tmp_path / "run"))
    assert result.exit_code == 0, result.output
    found = steps(tmp_path / "run")["1.1.propose"]
    assert found.data["by_hand"]["after"] == topic
    with RunRecords(tmp_path / "run" / "run.sqlite", read_only=True) as records:
        (call,) = records.calls(found.call_ids)
        assert topic in call.prompt.user
        question = records.questions()["q0001-01"]
        assert (question.topic, question.edited) == (topic, True)


def test_a_skipped_move_asks_nobody_and_says_so(home: Path, tmp_path: Path) -> None:
    result = typed(home, "s\nr\n", "run", "--before", "prober", "--out", str(tmp_path / "run"))
    assert result.exit_code == 0, result.output
    found = steps(tmp_path / "run")
    assert (found["1.1.probe"].summary, found["1.1.probe"].call_ids) == ("skipped by the user", ())
    assert found["1.1.probe"].data["by_hand"] == {"skipped": True}
    assert "1.1.critique" not in found
    assert "1 skipped" in found["1.remember"].summary
    with RunRecords(tmp_path / "run" / "run.sqlite", read_only=True) as records:
        assert "q0001-01" not in records.questions()


def test_a_run_that_was_stopped_at_a_pause_goes_on_with_what_was_said(home: Path, tmp_path: Path) -> None:
    words = "Should a village keep its well, even if the town offers pipes?"
    said = f"e\n{words}\nr\n"
    assert typed(home, said, "run", "--before", "novelty", "--out", str(tmp_path / "whole")).exit_code == 0
    result = typed(home, f"e\n{words}\n\nq\n", "run", "--before", "memory", "--out", str(tmp_path / "run"))
    assert result.exit_code == 130, result.output
    assert f"go on with 'adaem resume {tmp_path / 'run'}'" in result.stderr
    manifest = RunFolder(tmp_path / "run").read_manifest()
    assert (manifest.status, manifest.stop_reason) == ("interrupted", "stopped by the user")
    result = typed(home, "", "resume", str(tmp_path / "run"), step=())
    assert result.exit_code == 0, result.output
    found = diff(tmp_path / "whole", tmp_path / "run")
    assert found.nothing_differs, (found.sentences, found.steps)


def test_a_stopped_run_may_go_on_step_by_step(home: Path, tmp_path: Path) -> None:
    assert typed(home, "\n\n\nq\n", "run", "--out", str(tmp_path / "run")).exit_code == 130
    result = typed(home, "\nr\n", "resume", str(tmp_path / "run"))
    assert result.exit_code == 0, result.output
    assert result.stderr.count("next: ") == 2
    assert diff(home / "plain", tmp_path / "run").nothing_differs


def test_a_replay_hears_what_was_said(home: Path, tmp_path: Path) -> None:
    said = "e\nShould a village keep its well, even if the town offers pipes?\ns\nr\n"
    assert typed(home, said, "run", "--before", "novelty", "--out", str(tmp_path / "run")).exit_code == 0
    result = CliRunner().invoke(app, ["run", "--replay", str(tmp_path / "run"), "--out", str(tmp_path / "again")])
    assert result.exit_code == 0, result.output
    found = diff(tmp_path / "run", tmp_path / "again")
    assert found.nothing_differs, found.steps


def test_without_input_one_line_says_what_is_wanting(home: Path, tmp_path: Path) -> None:
    result = typed(home, "\n", "run", "--out", str(tmp_path / "run"))
    assert result.exit_code != 0
    error = str(result.exception) if result.exception else result.stderr
    assert "standard input has ended before 1.1.propose" in error
    assert f"go on with 'adaem resume {tmp_path / 'run'}'" in error
    assert RunFolder(tmp_path / "run").read_manifest().status == "interrupted"


def test_what_is_none_of_the_answers_is_asked_again(home: Path, tmp_path: Path) -> None:
    result = typed(home, "x\x1b[31m\ns\nr\n", "run", "--out", str(tmp_path / "run"))
    assert result.exit_code == 0, result.output
    assert result.stderr.count("is none of these") == 2, "a round cannot be skipped"
    assert "\x1b[31m" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--step", "--before", "butler"), "--before butler: no agent or step is called so"),
        (("--before", "prober"), "add --step"),
    ],
)
def test_wrong_options_are_told(home: Path, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    result = typed(home, "", "run", "--out", str(tmp_path / "run"), step=arguments)
    assert result.exit_code != 0
    assert message in str(result.exception)
    assert not (tmp_path / "run").exists()


def test_ctrl_c_at_a_pause_in_a_terminal_stops_in_order(home: Path, tmp_path: Path) -> None:
    main = ROOT / "main.py"
    terminal, inside = pty.openpty()
    command = [sys.executable, str(main), "run", *FEW, "--pool", str(home / "pool.yaml"), "--step"]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path / "run")],
        stdin=inside,
        stdout=subprocess.DEVNULL,
        stderr=inside,
        start_new_session=True,
    ) as process:
        os.close(inside)
        seen = b""
        deadline = time.monotonic() + 60
        while b"q: stop" not in seen and time.monotonic() < deadline:
            seen += os.read(terminal, 1024)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130, seen
    os.close(terminal)
    assert RunFolder(tmp_path / "run").read_manifest().stop_reason == "stopped by the user"
