"""The command line as its users meet it: results, JSON, plain lines, the trace, and one clear line for bad input."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from growing import SMALL, simulated_pool

Command = Callable[..., tuple[int, str, str]]
SETTINGS = [part for key, value in SMALL.items() for part in ("-s", f"{key}={value}")]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    pool = simulated_pool(folder / "pool.yaml")
    arguments = ["run", *SETTINGS, "--pool", pool, "--out", str(folder / "run")]
    done = subprocess.run([sys.executable, "-m", "adaem.main", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (folder / "run.out").write_text(done.stdout, encoding="utf-8")
    (folder / "run.err").write_text(done.stderr, encoding="utf-8")
    return folder / "run"


def test_the_result_says_simulated_and_fits_80_columns(finished: Path) -> None:
    out = (finished.parent / "run.out").read_text(encoding="utf-8")
    assert out.startswith("SIMULATED RESPONDENTS")
    assert max(map(len, out.splitlines())) <= 80 + len(str(finished.parent))
    expected = ("re-tested on new answers", "held-out examinees", "Expression rates", "missing", "duplicates", "Seed 0")
    for words in expected:
        assert words in out
    assert "\x1b" not in out


def test_progress_goes_to_standard_error_as_plain_lines_where_there_is_no_terminal(finished: Path) -> None:
    err = (finished.parent / "run.err").read_text(encoding="utf-8")
    assert "simulated respondents, no real model is asked" in err.splitlines()[0]
    assert "1.explore: " in err
    assert "calls)" in err
    assert "\x1b" not in err


def test_report_shows_the_same_again(finished: Path, adaem: Command) -> None:
    code, out, _ = adaem("report", finished)
    assert code == 0
    assert out == (finished.parent / "run.out").read_text(encoding="utf-8")


def test_json_is_one_object_and_nothing_else(finished: Path, adaem: Command) -> None:
    code, out, err = adaem("report", finished, "--json")
    summary = json.loads(out)
    assert (code, err) == (0, "")
    assert summary["simulated"] is True
    assert [comparison["group"] for comparison in summary["comparisons"]] == ["panel", "examinee"]
    for comparison in summary["comparisons"]:
        assert {"mean", "interval", "questions", "topics"} <= set(comparison["difference"])


def test_a_copied_run_reports_the_same(finished: Path, adaem: Command, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path / "copy")
    _, here, _ = adaem("report", finished, "--json")
    _, there, _ = adaem("report", tmp_path / "copy", "--json")
    first, second = json.loads(here), json.loads(there)
    for summary in (first, second):
        summary.pop("folder")
        summary.pop("files")
    assert first == second


def test_trace_shows_the_tree_and_one_step_in_full(finished: Path, adaem: Command) -> None:
    code, tree, _ = adaem("trace", finished)
    assert code == 0
    for step in ("1.explore", "1.1.propose", "1.1.novelty", "1.1.probe", "1.1.critique", "1.remember"):
        assert step in tree
    code, step_view, _ = adaem("trace", finished, "1.1.critique")
    assert code == 0
    for words in ("divergence", "noise floor", "prompt judge, fingerprint", "answers and labels", "«", "sample 0"):
        assert words in step_view


def test_an_unknown_step_offers_the_nearest(finished: Path, adaem: Command) -> None:
    code, out, err = adaem("trace", finished, "1.1.critic")
    assert (code, out) == (2, "")
    assert "did you mean 1.1.critique" in err


def test_graph_shows_the_tree_and_mermaid(adaem: Command) -> None:
    code, out, _ = adaem("graph")
    assert code == 0
    assert "flowchart TD" in out
    assert "explore → confirm, interrogate" in out


def test_help_has_examples_and_every_verb(adaem: Command) -> None:
    code, out, _ = adaem("--help")
    assert code == 0
    assert all(f"\n  {verb} " in out for verb in ("run", "report", "trace", "graph"))
    _, out, _ = adaem("run", "--help")
    assert "\n    adaem run\n" in out


def bad(tmp_path: Path) -> dict[str, tuple[list[str], str]]:
    """Wrong inputs: name → (arguments, what the one line must say)."""
    files = {
        "broken.yaml": "questions: [",
        "unknown.yaml": "questons: 5\n",
        "list.yaml": "- 1\n",
        "one_value.yaml": "id: f\nname: F\nversion: '1'\nsources: [s]\n"
        "values: [{id: a, name: A, definition: d, examples: [x, y]}]\ntopics: [{id: t, text: 'Is it?', area: work}]\n",
        "one_scout.yaml": "members:\n- {id: a, model: 'simulated:respondent', roles: [scout, panel]}\n",
        "provider.yaml": "members:\n"
        "- {id: a, model: 'nosuch:model', roles: [scout, panel]}\n"
        "- {id: b, model: 'simulated:respondent', roles: [scout, panel, judge], parameters: {respondent: 1}}\n",
        "key.yaml": "members:\n"
        "- {id: a, model: 'openai:gpt-4o-mini', roles: [scout, panel, judge], key_variable: NO_SUCH_VARIABLE, base_url: 'http://localhost:9/v1'}\n"
        "- {id: b, model: 'simulated:respondent', roles: [scout, panel], parameters: {respondent: 1}}\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    other = tmp_path / "other"
    other.mkdir()
    (other / "manifest.json").write_text("{}", encoding="utf-8")
    (tmp_path / "plain-file").write_text("x", encoding="utf-8")
    here = str(tmp_path) + "/"
    return {
        "no such config": ([here + "nothing.yaml"], "nothing.yaml: no such file"),
        "broken YAML": ([here + "broken.yaml"], "broken.yaml, line"),
        "unknown key": ([here + "unknown.yaml"], "questons: unknown key"),
        "not a mapping": ([here + "list.yaml"], "not a mapping"),
        "unknown setting": (["-s", "budget.cals=3"], "command line, budget.cals: unknown key"),
        "no value": (["-s", "budget"], "not of the form key=value"),
        "no questions": (["--questions", "0"], "questions: Input should be greater than 0"),
        "negative rounds": (["--rounds", "-1"], "budget.rounds: Input should be greater than 0"),
        "no calls": (["--calls", "0"], "budget.calls: Input should be greater than 0"),
        "a framework with one value": (["--framework", here + "one_value.yaml"], "one_value.yaml, line 5, values: "),
        "no such framework": (["--framework", "nosuch"], "no framework is called 'nosuch'"),
        "one scout, no judge": (["--pool", here + "one_scout.yaml"], "2 with the role 'scout' needed, 1 found"),
        "unknown provider": (["--pool", here + "provider.yaml"], "provider.yaml, member 'a'"),
        "key not set": (
            ["--pool", here + "key.yaml"],
            "key.yaml, member 'a': the environment variable NO_SUCH_VARIABLE",
        ),
        "no such prompts": (["--prompts", here + "nowhere"], "no prompt set is called"),
        "unknown policy": (["-s", "search.policy=best"], "expected-improvement"),
        "unknown agent": (["-s", "agents.critic=best"], "no critic is called 'best'"),
        "unknown embedder": (["-s", "embedder=best"], "choose hashing"),
        "another run": (["--out", str(other)], "holds another run"),
        "a file for a folder": (["--out", here + "plain-file"], "not an empty folder"),
        "memory is a file": (["--memory", here + "plain-file"], "plain-file"),
    }


BAD = [
    "no such config",
    "broken YAML",
    "unknown key",
    "not a mapping",
    "unknown setting",
    "no value",
    "no questions",
    "negative rounds",
    "no calls",
    "a framework with one value",
    "no such framework",
    "one scout, no judge",
    "unknown provider",
    "key not set",
    "no such prompts",
    "unknown policy",
    "unknown agent",
    "unknown embedder",
    "another run",
    "a file for a folder",
    "memory is a file",
]


def test_every_bad_input_is_tried(tmp_path: Path) -> None:
    assert list(bad(tmp_path)) == BAD


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_one_clear_line_and_leaves_nothing(what: str, adaem: Command, tmp_path: Path) -> None:
    cases = bad(tmp_path)
    arguments, words = cases[what]
    before = sorted(path.name for path in tmp_path.iterdir())
    if "--out" not in arguments:
        arguments = [*arguments, "--out", str(tmp_path / "new-run")]
    code, out, err = adaem("run", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.startswith("adaem: ")
    assert err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_an_error_line_cannot_hold_terminal_escapes(adaem: Command, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text('"a\\x1b[31mb": 1\n', encoding="utf-8")
    code, _, err = adaem("run", tmp_path / "x.yaml")
    assert code == 2
    assert "\x1b" not in err


@pytest.mark.parametrize("verb", ["report", "trace"])
def test_a_folder_that_is_no_run_is_said_so(verb: str, adaem: Command, tmp_path: Path) -> None:
    code, _, err = adaem(verb, tmp_path)
    assert code == 2
    assert "is not a run" in err


@pytest.mark.slow
def test_ctrl_c_ends_a_run_cleanly(tmp_path: Path) -> None:
    pool = simulated_pool(tmp_path / "pool.yaml")
    folder = tmp_path / "run"
    arguments = ["run", "--pool", pool, "--out", str(folder), "--calls", "30000", "-s", "search.permutations=99"]
    process = subprocess.Popen(
        [sys.executable, "-m", "adaem.main", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while time.monotonic() < until and (not (folder / "trace.jsonl").exists() or not _remembered(folder)):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "This run is interrupted" in out
    assert "Traceback" not in err
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "interrupted"
    assert (folder / "questions.jsonl").exists()


def _remembered(folder: Path) -> bool:
    return ".remember" in (folder / "trace.jsonl").read_text(encoding="utf-8")
