"""From answers that a person labels to corrected rates: label, check, and the run again with what was measured."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from adaem.domain.reading.yaml_records import load_framework
from adaem.records import RunFolder
from finished_runs import FinishedRuns
from growing import records_of
from places import ROOT

VALUES = load_framework("schwartz").value_ids


def adaem(folder: Path, *arguments: str, typed: str = "") -> str:
    command = [sys.executable, str(ROOT / "main.py"), *arguments]
    done = subprocess.run(command, cwd=folder, input=typed, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def seen_by_the_judge(run: RunFolder) -> dict[str, str]:
    """A line of input for each judged answer: what the run's judge found."""
    lines = {}
    with records_of(run) as records:
        for question in records.questions():
            for answer, judgement in zip(*records.answers(question), strict=True):
                if judgement is not None:
                    numbers = sorted(VALUES.index(value) + 1 for value in judgement.values) or [0]
                    name = f"{question}/{answer.phase.value}/{answer.member}/{answer.sample}"
                    lines[name] = " ".join(map(str, numbers)) + "\n"
    return lines


def test_the_commands_of_the_page_lead_from_labels_to_corrected_rates(
    finished_runs: FinishedRuns, tmp_path: Path
) -> None:
    """Two people, who see what the run's judge saw; the one skips the first answer."""
    run = finished_runs.copy(tmp_path / "runs" / "first")
    shutil.copy(run.read_manifest().settings.pool, tmp_path / "my-pool.yaml")
    section = (ROOT / "docs" / "JUDGES.md").read_text(encoding="utf-8").partition("## Label a sample yourself")[2]
    (block,) = re.findall(r"```shell\n(.*?)```", section, re.DOTALL)
    first, second, agree, check, replay = (tuple(shlex.split(line)[1:]) for line in block.splitlines())
    adaem(tmp_path, *first[:-1], "look.jsonl", typed="s\n" * 100)
    order = [json.loads(line)["id"] for line in (tmp_path / "look.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(order) == pytest.approx(60, abs=6)
    seen = seen_by_the_judge(run)
    lines = [seen[name] for name in order]
    done = adaem(tmp_path, *first, typed="".join(lines))
    assert done.startswith(f"{len(order)} of {len(order)} answers done: mine.jsonl;")
    adaem(tmp_path, *second, typed="".join(["s\n", *lines[1:]]))
    assert f"{len(order) - 1} rows that both labelled; 1 that only one did." in adaem(tmp_path, *agree)
    assert "Each row counts for as many answers as it was drawn to stand for." in adaem(tmp_path, *check)
    found = json.loads((tmp_path / "accuracy.json").read_text(encoding="utf-8"))
    assert (found["weighted"], found["rows"], found["differences"]) == (True, len(order), [])
    assert any(value["measurable"] for value in found["values"].values())
    assert "are corrected for this judge's errors (Rogan-Gladen, from its labels), as measured on" in " ".join(
        adaem(tmp_path, *replay).split()
    )


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
