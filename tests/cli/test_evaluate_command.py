"""``adaem evaluate`` as a user types it: what is said before, meanwhile and after, and one line for a wrong input."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adaem.cli.measure import evaluate as verb
from adaem.cli.measure.evaluate import resume_evaluation_verb
from adaem.records import open_run
from asking import calls_of, checked, stopped_after, write_asked
from growing import simulated_pool

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def pool(tmp_path: Path) -> str:
    return simulated_pool(tmp_path / "pool.yaml")


def test_an_evaluation_from_the_command_line(adaem: Command, pool: str, tmp_path: Path) -> None:
    source, out = write_asked(tmp_path / "q.jsonl", 2), tmp_path / "e"
    options = ["--pool", pool, "--samples", 2, "--out", out, "-s", "search.permutations=99"]
    code, shown, told = adaem("evaluate", source, *options)
    assert code == 0, told
    assert "6 models; simulated respondents, no real model is asked; 2 questions of q.jsonl, 2 answers each" in told
    assert "about 50 calls, at most 20000 calls" in told
    assert "Note: a file does not tell which models its questions were grown on" in told
    assert "SIMULATED" in shown
    assert open_run(out).read_manifest().status == "finished"
    assert adaem("trace", out)[0] == 0
    code, shown, _ = adaem("trace", out, "1.2.evaluate")
    assert code == 0
    assert "examinee-4, sample 1" in shown


@pytest.mark.slow
def test_priming_is_priced_before_it_is_paid(adaem: Command, pool: str, tmp_path: Path) -> None:
    source, out = write_asked(tmp_path / "q.jsonl", 2), tmp_path / "e"
    options = ["--pool", pool, "--samples", 2, "--prime", "-s", "budget.calls=60", "-s", "search.permutations=99"]
    code, shown, told = adaem("evaluate", source, *options, "--out", out, "--json")
    assert code == 0, told
    assert "about 530 calls" in told
    assert "priming with 10 values on 2 questions takes 480 of the calls" in told
    assert "Note: the budget ends it before all is asked; raise it with -s budget.calls=530." in told
    way = rf"go on with 'adaem resume {out} -s (budget\.calls=(\d+))'"
    assert (needed := re.search(way, told))
    assert (
        520 <= int(needed[2]) <= 560
    )  # an answer that was refused is not judged, one that was repaired cost another call
    found = json.loads(shown)["asked"]
    assert (found["kind"], found["status"], found["simulated"]) == ("evaluation", "interrupted", True)
    # Without the raise nothing more is asked, and the way on is told again; with it all is.
    before = calls_of(open_run(out))
    assert re.search(way, adaem("resume", out)[2])
    assert calls_of(open_run(out)) == before
    assert re.search(way, adaem("report", out)[1])
    assert adaem("resume", out, "-s", needed[1])[0] == 0
    manifest = open_run(out).read_manifest()
    assert (manifest.status, manifest.lacks) == ("finished", ())


def test_it_goes_on_with_a_stopped_one(pool: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = stopped_after(checked(write_asked(tmp_path / "q.jsonl"), pool), tmp_path / "e", 1)
    before = calls_of(folder)
    resume_evaluation_verb(folder.path, {}, as_json=False)
    assert "simulated respondents" in capsys.readouterr().err
    assert open_run(folder.path).read_manifest().status == "finished"
    assert calls_of(folder) > before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{gone}"], "no such run or file of questions"),
        (["{here}"], "bad.jsonl, line 2"),  # a folder that is no run is one of files
        (["{empty}"], "holds no question"),
        (["{bad}"], "bad.jsonl, line 2: is not JSON"),
        (["{twice}"], "twice.jsonl, line 2: the id 'x' is a duplicate of line 1"),
        (["{good}", "--short", "2"], "is no run's folder"),
        (["{good}", "--samples", "1"], "samples.evaluate"),
        (["{good}", "-s", "budget.calls=3"], "is too small: one question takes"),
        (["{good}", "-s", "nonsense"], "not of the form key=value"),
        (["{good}", "--pool", "none-such"], "no pool is called 'none-such'"),
    ],
)
def test_a_wrong_input_is_one_line_and_leaves_nothing(
    adaem: Command, pool: str, tmp_path: Path, arguments: list[str], message: str
) -> None:
    files: dict[str, Any] = {"gone": tmp_path / "gone", "here": tmp_path, "good": write_asked(tmp_path / "good.jsonl")}
    for name, text in (
        ("empty", ""),
        ("bad", '{"question": "A?"}\n{"question'),
        ("twice", '{"id": "x", "question": "A?"}\n{"id": "x", "question": "B?"}\n'),
    ):
        files[name] = tmp_path / f"{name}.jsonl"
        files[name].write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    given = [each.format(**files) for each in arguments]
    code, shown, told = adaem("evaluate", "--pool", pool, "--out", out, *given)
    assert (code, shown) == (2, "")
    assert message in told
    assert len(told.splitlines()) == 1
    assert not out.exists()


def test_without_a_pool_nothing_is_asked(adaem: Command, tmp_path: Path) -> None:
    code, _, told = adaem("evaluate", write_asked(tmp_path / "q.jsonl"))
    assert code == 2
    assert "--pool" in told


def test_ctrl_c_is_told_as_such(pool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adaem: Command) -> None:
    """The first Ctrl-C ends it cleanly, with the exit code that shells have for it."""

    class Stopping(verb.EvaluationWatcher):
        def step_done(self, done: int, total: int) -> None:
            super().step_done(done, total)
            if done == 1:
                os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(verb, "EvaluationWatcher", Stopping)
    source = write_asked(tmp_path / "q.jsonl", 12)
    options = ["--pool", pool, "--samples", 2, "-s", "search.permutations=99"]
    code, shown, told = adaem("evaluate", source, *options, "--out", tmp_path / "e")
    assert code == 130
    assert "adaem: stopped by the user; go on with 'adaem resume" in told
    assert "SIMULATED" in shown
    assert open_run(tmp_path / "e").read_manifest().status == "interrupted"
