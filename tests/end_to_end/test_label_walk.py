"""From answers that a person labels to corrected rates: label, check, and the run again with what was measured."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from adaem.domain.answer import Phase
from adaem.domain.reading.yaml_records import load_framework
from finished_runs import FinishedRuns
from growing import records_of
from places import ROOT

pytestmark = pytest.mark.slow

Command = Callable[..., tuple[int, str, str]]
VALUES = load_framework("schwartz").value_ids


def label(*arguments: object, typed: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "main.py"), "judge", "label", *map(str, arguments)]
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=100, check=True)


def test_a_person_measures_a_judge_and_its_errors_correct_the_rates(
    finished_runs: FinishedRuns, adaem: Command, tmp_path: Path
) -> None:
    run = finished_runs.copy(tmp_path / "run")
    labels, accuracy = tmp_path / "labels.jsonl", tmp_path / "accuracy.json"
    # A first look, to know what is drawn: the person then sees what the run's judge saw.
    drawn = label(run.path, "--out", tmp_path / "look.jsonl", "--rows", 150, typed="s\n" * 200).stdout
    seen = {}
    with records_of(run) as records:
        for question in records.questions():
            for answer, judgement in zip(*records.answers(question), strict=True):
                if judgement is not None:
                    name = f"{question}/{answer.phase.value}/{answer.member}/{answer.sample}"
                    seen[name] = sorted(VALUES.index(value) + 1 for value in judgement.values) or [0]
    order = [json.loads(line)["id"] for line in (tmp_path / "look.jsonl").read_text(encoding="utf-8").splitlines()]
    assert f"{len(order)} of {len(order)} answers done" in drawn
    lines = "".join(f"{' '.join(map(str, seen[name]))}\n" for name in order)
    assert Phase.SEARCH.value in {name.split("/")[1] for name in order}
    done = label(run.path, "--out", labels, "--rows", 150, typed=lines)
    assert f"{len(order)} of {len(order)} answers done: {labels}" in done.stdout
    pool = run.read_manifest().settings.pool
    code, shown, told = adaem("judge", "check", labels, "--pool", pool, "--out", accuracy)
    assert code == 0, told
    assert "Each row counts for as many answers as it was drawn to stand for." in shown
    found = json.loads(accuracy.read_text(encoding="utf-8"))
    assert (found["weighted"], found["rows"], found["differences"]) == (True, len(order), [])
    assert any(value["measurable"] for value in found["values"].values())
    again = tmp_path / "again"
    code, shown, told = adaem("run", "--replay", run.path, "-s", f"judge.accuracy={accuracy}", "--out", again)
    assert code == 0, told
    assert "corrected for the judge's measured errors" in " ".join(shown.split())


def test_ctrl_c_in_a_terminal_loses_no_label(finished_runs: FinishedRuns, tmp_path: Path) -> None:
    run = finished_runs.copy(tmp_path / "run")
    out = tmp_path / "labels.jsonl"
    terminal, inside = pty.openpty()
    command = [sys.executable, str(ROOT / "main.py"), "judge", "label", str(run.path), "--out", str(out)]
    with subprocess.Popen(
        command, stdin=inside, stdout=subprocess.DEVNULL, stderr=inside, start_new_session=True
    ) as process:
        os.close(inside)
        seen = b""

        def wait_for(words: bytes) -> None:
            nonlocal seen
            deadline = time.monotonic() + 60
            while words not in seen and time.monotonic() < deadline:
                seen += os.read(terminal, 4096)
            assert words in seen

        wait_for(b"q: stop")
        os.write(terminal, b"1 4\n")
        wait_for(b"2 of 6")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130, seen
        wait_for(b"1 of 6")
    os.close(terminal)
    (row,) = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert row["values"] == [VALUES[0], VALUES[3]]
    assert not list(tmp_path.glob("*.partial"))
