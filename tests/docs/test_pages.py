"""The documents tell the truth: pictures, commands, examples and the output of the default run."""

from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from adaem.domain.models_folder import models_folder
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.reading.yaml_records import load_framework
from adaem.graph.diagram import mermaid
from adaem.records import open_run
from adaem.results.run_summary import summarise
from adaem.results.summary_types import RunSummary
from places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.compile(
    r"(?<=output of the default run; tests/docs/test_pages.py holds it against a run -->\n```text\n).*?(?=\n```)",
    re.DOTALL,
)
UPDATE = "ADAEM_UPDATE_DOCS"


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def adaem(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def default_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The main job as a user starts it; about a minute."""
    folder = tmp_path_factory.mktemp("readme")
    return folder, adaem(folder, "run", "--out", "runs/first")


@pytest.fixture(scope="module")
def summary(default_run: tuple[Path, str]) -> RunSummary:
    return summarise(open_run(default_run[0] / "runs" / "first"))


def beginning(output: str) -> str:
    """Who was asked, and the first statement: what the README shows."""
    first = "discovery rate 5 %)."
    return output[: output.index(first) + len(first)]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_readme_shows_what_the_default_run_prints(default_run: tuple[Path, str]) -> None:
    output = "\n".join(line.rstrip() for line in beginning(default_run[1]).splitlines())
    if os.environ.get(UPDATE):
        (ROOT / "README.md").write_text(SHOWN.sub(lambda _: output, README), encoding="utf-8")
        return
    shown = SHOWN.search(README)
    assert shown
    assert shown.group() == output, f"the README's output is old: {UPDATE}=1 make test ARGS='-m slow -k readme_shows'"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_main_job_grows_a_benchmark_that_separates_held_out_models(summary: RunSummary) -> None:
    assert summary.questions_confirmed >= 30
    assert summary.topics_confirmed >= 15
    assert [comparison.group for comparison in summary.comparisons] == ["panel", "examinee"]
    for comparison in summary.comparisons:
        assert comparison.difference is not None
        assert comparison.difference.interval is not None
        assert comparison.difference.interval[0] > 0, comparison


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_page_on_comparing_shows_what_its_commands_print(default_run: tuple[Path, str]) -> None:
    folder, page = default_run[0], ROOT / "docs" / "COMPARE.md"
    text = page.read_text(encoding="utf-8")
    (pool,), (commands, _), (shown,) = (blocks(text, language) for language in ("yaml", "sh", "text"))
    (folder / "later.yaml").write_text(pool, encoding="utf-8")
    run, evaluate, compare = (shlex.split(line)[1:] for line in commands.splitlines())
    assert run == ["run", "--out", "runs/first"]
    adaem(folder, *evaluate)
    output = "\n".join(line.rstrip() for line in adaem(folder, *compare).splitlines())
    if os.environ.get(UPDATE):
        page.write_text(text.replace(shown, output[: output.index("\n\nNew models against")] + "\n"), encoding="utf-8")
        return
    assert _undated(output).startswith(_undated(shown))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_topics_are_halved_and_retested_as_the_page_says(tmp_path: Path) -> None:
    _, commands = blocks((ROOT / "docs" / "COMPARE.md").read_text(encoding="utf-8"), "sh")
    listed, halving, rest = re.split(r"^python - <<END\n|^END\n", commands, flags=re.MULTILINE)
    show, target = listed.split(" > ")
    (tmp_path / target.strip()).write_text(adaem(tmp_path, *shlex.split(show)[1:]), encoding="utf-8")
    subprocess.run([sys.executable, "-c", halving], cwd=tmp_path, check=True)
    first, second, compare = (shlex.split(line)[1:] for line in rest.splitlines())
    settings = "budget.calls=1000", "samples.evaluate=2", "samples.confirm=2", "search.topic_cap=1"
    small = [word for setting in settings for word in ("-s", setting)]
    for words in (first, second):
        adaem(tmp_path, *words, "--questions", "5", *small)
    halves = [set(open_run(tmp_path / "runs" / name).read_manifest().framework.topics) for name in ("one", "other")]
    assert set.union(*halves) == set(load_framework("schwartz").topics)
    assert not set.intersection(*halves)
    shown = adaem(tmp_path, *compare)
    assert "Do both rank the models alike?" in shown
    assert "Note:" not in shown, "neither a question nor a topic is in both"


def _undated(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d", "DATE", text)


def write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def write_labelled(folder: Path) -> None:
    """The framework's examples as labelled texts, half of them in each of the two files that pages name."""
    for half, name in enumerate(("LABELLED", "OTHER_LABELLED")):
        labelled: list[dict[str, object]] = [
            {"text": example, "values": [value.id], "group": f"{name} {value.id} {number // 4}"}
            for value in load_framework("schwartz").values
            for number, example in enumerate(value.examples)
            if number % 2 == half
        ]
        write_lines(folder / f"{name}.jsonl.gz", labelled)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_commands_of_the_page_on_judges_work(tmp_path: Path) -> None:
    write_labelled(tmp_path)
    (commands,) = blocks((ROOT / "docs" / "JUDGES.md").read_text(encoding="utf-8"), "sh")
    pull, train, on_words, *checks = (shlex.split(line)[1:] for line in commands.splitlines())
    assert pull == ["local", "pull", "minilm"]
    assert [words[-1] for words in checks] == ["judge.npz", "words.npz", "zero_shot"]
    assert adaem(tmp_path, *on_words)
    if weights():
        assert adaem(tmp_path, *train)
    for words in checks if weights() else checks[1:2]:
        assert "AUC" in adaem(tmp_path, *words)


def weights() -> bool:
    """Whether MiniLM is on this machine: no test loads it."""
    return (models_folder() / "minilm" / "model.safetensors").is_file()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_commands_of_the_readme_work(default_run: tuple[Path, str]) -> None:
    folder, _ = default_run
    write_labelled(folder)
    values = load_framework("schwartz").values
    answers: list[dict[str, object]] = [
        {"question_id": f"q{question}", "question": f"Question {question}?", "model": model, "answer": example}
        for question in range(6)
        for place, model in enumerate(("one", "two", "three"))
        for example in values[(place + question) % 10].examples[:4]
    ]
    write_lines(folder / "ANSWERS.jsonl.gz", answers)
    tried = []
    for line in "".join(blocks(README, "sh")).splitlines():
        words = shlex.split(line, comments=True)
        if words[0] == ".venv/bin/adaem" and not {"my-pool.yaml", "calibrate"} & set(words):
            without = ["--features", "words"] if words[1:3] == ["judge", "train"] and not weights() else []
            assert adaem(folder, *words[1:], *without)
            tried.append(words[1])
    assert tried == ["report", "trace", "judge", "judge", "import"]


def test_ci_runs_what_the_readme_says_of_the_instruments_own_test() -> None:
    (command,) = [line for line in "".join(blocks(README, "sh")).splitlines() if "calibrate" in line]
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_the_readmes_figures_of_the_calibration_are_those_of_its_report() -> None:
    report = (ROOT / "docs" / "CALIBRATION.md").read_text(encoding="utf-8")
    estimates = dict(re.findall(r"^\| holds \| ([^|]+) \|[^|]+\| ([-0-9.]+) \|", report, re.MULTILINE))
    bias = [abs(float(estimate)) for what, estimate in estimates.items() if what.startswith("bias of D*, L = 5")]
    assert len(bias) == 2
    assert max(bias) < 0.01
    words = " ".join(README.split())
    assert "bias stays within 0.01 bits at five answers a model" in words
    claimed = float(estimates["null world: a gain over the seeds is claimed"])
    assert f"a gain is claimed in {claimed:.1%} of runs".replace("%", " %") in words
    recovered = float(estimates["planted profiles recovered after the default run"])
    assert f"rank correlation of {recovered:.2f}" in words


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 120


def test_the_readmes_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make (\w+)", "".join(blocks(README, "sh")), re.MULTILINE)
    assert targets == ["run", "real", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_the_readmes_pool_file_is_one() -> None:
    (text,) = blocks(README, "yaml")
    pool = PoolSpec.model_validate(yaml.safe_load(text))
    assert not pool.simulated


def test_the_architectures_picture_is_the_compiled_graph() -> None:
    (picture,) = blocks((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), "mermaid")
    assert picture.strip() == mermaid()
