"""``adaem judge`` through the command line: training, checking, refusals, and runs that use the result."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.reading.yaml_records import load_framework
from adaem.results.run_summary import summarise
from growing import SMALL, grow, simulated_pool, write_pool

Command = Callable[..., tuple[int, str, str]]
SCHWARTZ = load_framework("schwartz")


def labelled(path: Path, *, points: int = 1, sources: range = range(30)) -> Path:
    """Rows that put a value's own examples into sentences; three rows a source, by two models."""
    rng = random.Random(5)
    lines = []
    for source in sources:
        for number in range(3):
            turn = 3 * source + number
            values = [SCHWARTZ.values[turn % 10], SCHWARTZ.values[(3 * turn + 1) % 10]]
            texts = [f"{rng.choice(value.examples)} in case {source}" for value in values]
            texts = [" and ".join(texts)] if points == 1 else [*texts, f"nothing more in {source}"]
            row: dict[str, Any] = {"text": texts, "values": [value.id for value in values], "group": f"s{source}"}
            lines.append(json.dumps(row | {"model": ("fox", "owl")[number % 2]}))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def judge_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from adaem.agents.judges.labelled_texts import read_labelled_texts
    from adaem.agents.judges.local.model_file import save_model
    from adaem.agents.judges.local.training import train

    folder = tmp_path_factory.mktemp("trained")
    save_model(train(read_labelled_texts([labelled(folder / "l.jsonl")], SCHWARTZ), SCHWARTZ, 0), folder / "judge.npz")
    return folder / "judge.npz"


def test_train_writes_a_judge_and_refuses_to_overwrite_it(adaem: Command, tmp_path: Path) -> None:
    data, out = labelled(tmp_path / "labelled.jsonl"), tmp_path / "judge.npz"
    code, text, _ = adaem("judge", "train", data, "--out", out, "--features", "words")
    assert (code, out.exists()) == (0, True)
    assert "Trained on 90 of 90 rows from 30 sources" in text
    assert "no embedder" in text
    assert "Left out: none" in text
    assert max(map(len, text.splitlines())) <= 80 + len(str(out))
    code, text, err = adaem("judge", "train", data, "--out", out)
    assert (code, text) == (2, "")
    assert err.startswith(f"adaem: {out}: exists already")
    second = tmp_path / "second.npz"
    code, text, err = adaem("judge", "train", data, "--out", second, "--features", "words", "--json")
    assert (code, err) == (0, "")
    assert json.loads(text)["values"]["power"]["positives"] > 0
    assert second.read_bytes() == out.read_bytes()


@pytest.mark.slow
def test_train_names_its_embedder_and_says_what_to_do_without_it(
    adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, out = labelled(tmp_path / "labelled.jsonl"), tmp_path / "judge.npz"
    monkeypatch.setenv("ADAEM_MODELS", str(tmp_path / "nothing"))
    code, text, err = adaem("judge", "train", data, "--out", out)
    assert (code, text, out.exists()) == (2, "", False)
    assert "run 'adaem local pull minilm'; or train on words alone with --features words" in err
    code, text, _ = adaem("judge", "train", data, "--out", out, "--embedder", "hashing")
    assert code == 0
    assert "and the embedder hashing" in text


def test_check_of_a_local_judge_leaves_out_what_it_was_trained_on(
    adaem: Command, judge_file: Path, tmp_path: Path
) -> None:
    data = labelled(tmp_path / "labelled.jsonl", sources=range(20, 60))
    code, text, err = adaem("judge", "check", data, "--judge", judge_file, "--out", tmp_path / "a.json", "--json")
    assert (code, err) == (0, "")
    found = json.loads(text)
    assert found == json.loads((tmp_path / "a.json").read_text())
    assert (found["rows"], found["groups"], found["key_points"], found["simulated"]) == (90, 30, 1, False)
    assert found["left_out"] == {"this judge was trained on its text or group": 30}
    assert found["values"]["power"]["auc"]["estimate"] > 0.8
    assert {each["error"] for each in found["differences"]} <= {"missed", "false alarm"}
    code, _, err = adaem("judge", "check", judge_file.parent / "l.jsonl", "--judge", judge_file)
    assert code == 2
    assert "no labelled row is left to check the judge on" in err


def test_check_of_a_simulated_judge_says_so(adaem: Command, tmp_path: Path) -> None:
    data = labelled(tmp_path / "labelled.jsonl", points=3)
    for mode in ("joint", "per_value"):
        code, text, _ = adaem("judge", "check", data, "--mode", mode, "--rows", "40")
        assert code == 0
        assert text.startswith("SIMULATED JUDGE")
        assert f"Judge scale {mode} on 40 rows" in text
        assert "answers of 3 key points" in text
        assert "not drawn (--rows) 50" in text
        assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--judge", "local"], "name the local judge's file instead"),
        (["--judge", "none.npz"], "none.npz: no such file"),
        (["--judge", "lmm"], "no judge is called 'lmm'"),
        (["--judge", "jury"], "agents.judge=jury needs two members with the role judge"),
        (["--out", "no/such/folder/a.json"], "its folder does not exist"),
        (["--framework", "nine"], "no framework is called 'nine'"),
    ],
)
def test_what_cannot_be_checked_is_one_line(adaem: Command, tmp_path: Path, arguments: list[str], message: str) -> None:
    code, out, err = adaem("judge", "check", labelled(tmp_path / "labelled.jsonl"), *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert message in err


@pytest.mark.slow
def test_a_run_with_a_local_judge_asks_no_judge(judge_file: Path, tmp_path: Path) -> None:
    pool = simulated_pool(tmp_path / "pool.yaml")
    chosen: dict[str, Any] = {
        "agents__judge": "local",
        "judge__file": str(judge_file),
        "budget__calls": 500,
        "questions": 3,
    }
    folder, manifest = grow(tmp_path / "run", pool=pool, **chosen)
    summary = summarise(folder)
    assert not any(name.startswith("judge") for name in summary.calls)
    assert any("a local model of words alone trained on 90 labelled texts" in notice for notice in manifest.notices)
    assert manifest.judge_accuracy is not None
    assert manifest.judge_accuracy.measured_by == "training"
    assert summary.profiles
    assert summary.agreement is None
    # The run's folder can be read after the judge's file is gone.
    assert folder.read_manifest().settings.judge.file == str(judge_file)


@pytest.mark.slow
def test_a_jury_sits_in_a_run_and_its_agreement_and_corrected_rates_are_shown(adaem: Command, tmp_path: Path) -> None:
    import yaml

    members = yaml.safe_load(Path(simulated_pool(tmp_path / "one.yaml")).read_text())["members"]
    judges = [members[-1] | {"id": f"judge-{n}", "parameters": {"world": 1, "judge": n}} for n in (1, 2, 3)]
    pool = write_pool(tmp_path / "pool.yaml", [*members[:-1], *judges])
    data = labelled(tmp_path / "labelled.jsonl", points=3, sources=range(200))
    accuracy = tmp_path / "accuracy.json"
    code, _, err = adaem("judge", "check", data, "--judge", "jury", "--pool", pool, "--out", accuracy)
    assert (code, err) == (0, "")
    asked = [
        "-s",
        "agents.judge=jury",
        "-s",
        f"judge.accuracy={accuracy}",
        "-s",
        "budget.calls=1500",
        "-s",
        "questions=3",
    ]
    small = [part for key, value in SMALL.items() if key != "budget.calls" for part in ("-s", f"{key}={value}")]
    code, text, err = adaem("run", *small, *asked, "--pool", pool, "--out", tmp_path / "run")
    assert code == 0, err
    words = " ".join(text.split())
    assert "Agreement of the 3 judges on" in words
    assert "corrected for this judge's errors" in words
    code, text, _ = adaem("report", tmp_path / "run", "--json")
    summary = json.loads(text)
    assert summary["agreement"]["jurors"] == ["judge-1", "judge-2", "judge-3"]
    limits, profiles = summary["results"]["limits"], summary["results"]["profiles"]
    assert (limits["measured"], limits["corrected"]) == ("check", True)
    for profile in profiles:
        without = {value for value, rate in profile["values"].items() if rate["corrected"] is None}
        assert without == set(limits["unmeasurable"])
    # The same figures do not fit another judge.
    code, _, err = adaem("run", "-s", f"judge.accuracy={accuracy}", "--pool", pool, "--out", tmp_path / "other")
    assert code == 2
    assert "measured on the judge 'jury of judge-1, judge-2, judge-3 joint', and this run's is 'judge-1 joint'" in err
