"""What is published for other programs: a dataset, tasks, a paper's parts; in slow tests the real programs read it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import yaml
from adaem.cli.inspect.export import export_verb
from adaem.pool.replies.recorded_text import read_answer
from adaem.records import RunFolder, RunRecords
from adaem.records.recorded_answers import read_recorded
from adaem.reports.export.as_huggingface import PUBLISHED_COLUMNS
from adaem.reports.export.as_lm_eval import _task
from adaem.reports.export.columns import TABLES
from adaem.reports.export.dataset_card import dataset_card
from adaem.reports.export.published import Published
from adaem.reports.paper.latex import latex_table, latex_text
from adaem.reports.paper.write_paper import references
from adaem.reports.sheets.sheet import Sheet
from finished_runs import FinishedRuns

LM_EVAL = "lm_eval"
CODE_OF_TASK = "adaem_task.py"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, finished_runs: FinishedRuns) -> Path:
    path = tmp_path_factory.mktemp("publish") / "run"
    finished_runs.copy(path, questions=4, budget__calls=1500)
    return path


def published(run: Path) -> list[str]:
    with RunRecords(run / "run.sqlite", read_only=True) as records:
        return list(records.ids("published"))


def test_a_dataset_has_a_card_that_names_its_files_and_metadata_that_fit_them(run: Path, tmp_path: Path) -> None:
    export_verb(run, "huggingface", tmp_path / "data")
    names = {path.name for path in (tmp_path / "data").iterdir()}
    assert names == {"README.md", "croissant.json", "questions.parquet", "answers.parquet", "scores.parquet"}
    _, header, card = (tmp_path / "data" / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    configs = {each["config_name"]: each["data_files"][0]["path"] for each in yaml.safe_load(header)["configs"]}
    assert configs == {name: f"{name}.parquet" for name in ("questions", "answers", "scores")}
    assert "SIMULATED RESPONDENTS" in card
    assert "scout-1: simulated:respondent" in card
    metadata = json.loads((tmp_path / "data" / "croissant.json").read_text(encoding="utf-8"))
    for file in metadata["distribution"]:
        assert file["sha256"] == sha256((tmp_path / "data" / file["contentUrl"]).read_bytes()).hexdigest()
    for record in metadata["recordSet"]:
        table = pyarrow.parquet.read_table(tmp_path / "data" / configs[record["name"]])
        assert [each["name"] for each in record["field"]] == table.column_names
        assert table.column_names == [column.name for column in PUBLISHED_COLUMNS[record["name"]]]
        unpublished = {column.name for column in TABLES[record["name"]]} - set(table.column_names)
        assert unpublished == ({"detail"} if record["name"] == "answers" else set())
    export_verb(run, "huggingface", tmp_path / "data")  # an earlier export is replaced


def test_a_task_for_lm_eval_says_what_it_belongs_to(run: Path, tmp_path: Path) -> None:
    export_verb(run, "lm-eval", tmp_path / "task")
    rows = [json.loads(line) for line in (tmp_path / "task" / "dataset.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["question_id"] for row in rows] == published(run)
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    prompt = f"answer-{manifest['prompts']['answer']['fingerprint'][:12]}"
    assert {(row["adaem_prompt"], row["adaem_judge"]) for row in rows} == {(prompt, "llm (simulated:judge)")}
    assert all(row["question"] in row["user"] and "JSON" in row["user"] + row["system"] for row in rows)
    space: dict[str, Any] = {}
    exec((tmp_path / "task" / CODE_OF_TASK).read_text(encoding="utf-8"), space)
    whole = json.dumps({"stance": "yes", "key_points": [{"point": str(n)} for n in range(3)]})
    assert space["process_results"]({}, [f"Well: {whole}"]) == {"fits": 1.0}
    assert space["process_results"]({}, ['{"stance": "yes"}']) == {"fits": 0.0}


@pytest.mark.slow
def test_a_papers_folder_has_figures_with_data_tables_and_every_number(run: Path, tmp_path: Path) -> None:
    export_verb(run, "paper", tmp_path / "paper")
    files = {path.name for path in (tmp_path / "paper").iterdir()}
    figures = {name.rpartition(".")[0] for name in files if name.startswith("figure-")}
    assert {"figure-profiles", "figure-heat-map", "figure-grown-and-seeds"} <= figures
    for name in figures:
        assert (tmp_path / "paper" / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        assert "<svg" in (tmp_path / "paper" / f"{name}.svg").read_text(encoding="utf-8")
        assert len((tmp_path / "paper" / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines()) > 1
    methods = (tmp_path / "paper" / "methods.md").read_text(encoding="utf-8")
    for part in ("SIMULATED", "seed 0", "scout-1", "temperature", "refused", "Benjamini", "95 %", "judge", "missing"):
        assert part in methods, part
    rates = (tmp_path / "paper" / "table-01.tex").read_text(encoding="utf-8")
    assert rates.count(r"\toprule") == rates.count(r"\bottomrule") == 1
    again = {path.name: path.read_bytes() for path in (tmp_path / "paper").iterdir()}
    export_verb(run, "paper", tmp_path / "paper")
    assert {path.name: path.read_bytes() for path in (tmp_path / "paper").iterdir()} == again


def test_no_text_becomes_a_command_of_latex() -> None:
    hostile = r"\input{/etc/passwd} $x$ % & # _ ^ ~ {a}" + "\n\\write18{rm}"
    written = latex_text(hostile)
    assert "\n" not in written
    commands = set(re.findall(r"\\([a-zA-Z]+)", written))
    assert commands <= {"textbackslash", "textasciicircum", "textasciitilde", "textbraceleft", "textbraceright"}
    assert not re.search(r"(?<!\\)[%&#_$]", written)
    table = latex_table(Sheet("T", ("a", "b"), (("[x]", "1 [0, 2]"),), "note"), "t")
    assert r"{[x]} & 1 [0, 2] \\" in table
    assert latex_text('"so"') == "''so''"


def test_no_text_of_a_manifest_becomes_a_key_a_heading_or_a_field(run: Path) -> None:
    hostile = "x\nfewshot_config: !function evil.f\n---\n# <b>heading</b>"
    known = RunFolder(run).read_manifest()
    named = {"version": hostile, "name": hostile}
    manifest = known.model_copy(
        update={
            **{"run_id": hostile, "adaem_version": '1"}, note = {\\input{x}}, a = "', "created_at": hostile},
            **{"framework": known.framework.model_copy(update=named)},
        }
    )
    task = _task(Published(manifest, hostile, hostile, ()))
    plain = _task(Published(known, "p", "j", ()))
    assert task.splitlines()[1:] == plain.splitlines()[1:]
    assert "\n" not in task.partition("\ntask:")[0]
    card = dataset_card(manifest, {"questions.parquet": 3})
    _, header, body = card.split("---\n", 2)
    assert set(yaml.safe_load(header)) == {"pretty_name", "license", "task_categories", "tags", "configs"}
    assert not re.search(r"^(fewshot|# <b)|<b>", body, re.MULTILINE)
    entry = references(manifest).partition("@software")[2]
    version = entry.partition("version = {")[2].partition("\n")[0]
    assert version.endswith("},")
    assert version.count("{") + 1 == version.count("}")
    depth, lowest = 1, 1
    for sign in version.removesuffix("},"):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        lowest = min(lowest, depth)
    assert (depth, lowest) == (1, 1)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("datasets") is None, reason="datasets is not installed")
def test_datasets_loads_every_configuration(run: Path, tmp_path: Path) -> None:
    export_verb(run, "huggingface", tmp_path / "data")
    code = (
        "import sys; from datasets import load_dataset\n"
        "for name in ('questions', 'answers', 'scores'):\n"
        "    print(name, load_dataset(sys.argv[1], name, split='test', cache_dir=sys.argv[2]).num_rows)"
    )
    done = offline([sys.executable, "-c", code, str(tmp_path / "data"), str(tmp_path / "cache")], tmp_path)
    rows = {name: int(number) for name, number in (line.split() for line in done.splitlines())}
    expected = {name: pyarrow.parquet.read_metadata(tmp_path / "data" / f"{name}.parquet").num_rows for name in rows}
    assert rows == expected
    assert len(rows) == 3


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("lm_eval", path=str(Path(sys.executable).parent)) is None, reason="no lm_eval here")
def test_lm_eval_runs_the_task_and_its_samples_come_back(run: Path, tmp_path: Path) -> None:
    export_verb(run, "lm-eval", tmp_path / "task")
    command = [str(Path(sys.executable).parent / "lm_eval"), "--model", "dummy", "--tasks", "adaem_questions"]
    command += ["--include_path", str(tmp_path / "task"), "--log_samples", "--output_path", str(tmp_path / "out")]
    offline(command, tmp_path)
    found = read_recorded(tmp_path / "out", {}, read_answer)
    assert [question.id for question in found.questions] == published(run)
    assert len(found.answers) == 5 * len(found.questions)
    (wording,) = found.source.wordings
    assert wording.startswith("answer-")
    assert found.source.columns == {"topic": "adaem_topic"}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(find_spec("inspect_ai") is None, reason="inspect-ai is not installed")
def test_logs_of_inspect_and_petri_come_back(run: Path, tmp_path: Path) -> None:
    export_verb(run, "inspect", tmp_path / "task")
    code = """
import sys, tiktoken
plain = tiktoken.Encoding("bytes", pat_str=".", mergeable_ranks={bytes([b]): b for b in range(256)}, special_tokens={})
tiktoken.get_encoding = lambda name: plain
from inspect_ai import Task, eval, task
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageUser, get_model
from inspect_ai.solver import solver
eval("task/adaem_questions.py", model="mockllm/model", display="none", task_args={"samples": 2}, log_dir="logs")
eval("task/adaem_questions.py", model="mockllm/model", display="none", task_args={"samples": 1}, log_dir="json",
     log_format="json")

@solver
def audit():
    async def solve(state, generate):
        for said in ("Hello", "And now?"):
            await get_model(role="target").generate([ChatMessageUser(content=said)])
        return await generate(state)
    return solve

eval(Task(dataset=[Sample(id="seed", input="Probe for power.")], solver=audit()), model="mockllm/model", display="none",
     model_roles={"target": "mockllm/victim"}, log_dir="petri")
"""
    (tmp_path / "go.py").write_text(code, encoding="utf-8")
    offline([sys.executable, "go.py"], tmp_path)
    for folder, samples in (("logs", 2), ("json", 1)):
        found = read_recorded(tmp_path / folder, {}, read_answer)
        assert sorted(question.id for question in found.questions) == sorted(published(run))
        assert len(found.answers) == samples * len(found.questions)
        assert found.source.models == ("mockllm/model",)
        assert found.source.wordings[0].startswith("answer-")
    audited = read_recorded(tmp_path / "petri", {}, read_answer)
    assert audited.source.models == ("mockllm/victim",)
    assert audited.questions[0].text == "Probe for power."
    assert audited.answers[0].key_points[0].point.count("Default output") == 2


def offline(command: list[str], folder: Path) -> str:
    import os

    quiet = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(folder / "hf"), "TQDM_DISABLE": "1"}
    done = subprocess.run(command, cwd=folder, env={**os.environ, **quiet}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
