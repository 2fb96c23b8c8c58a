"""The Inspect export is a task: its dataset is checked here, and in CI the real inspect-ai runs it."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from adaem.cli.inspect.export import export_verb
from adaem.domain.answer import Outcome, Phase
from adaem.domain.errors import InputError, StoreError
from adaem.domain.texts.fence import read_fences
from adaem.jobs.imports.import_inputs import check_import, judge_settings
from adaem.jobs.imports.recorded_import import import_answers
from adaem.records import RunFolder, RunRecords
from adaem.reports.export.as_inspect import export_inspect
from adaem.reports.trace.inspect_log import write_inspect_log
from growing import grow, simulated_pool
from small_world import HOSTILE

INSPECT = "inspect-ai==0.3.285"
JUDGED = {"framework": "schwartz", "search.permutations": 99} | judge_settings("keyword_judge:KeywordJudge", None)

# Inspect's mock model counts tokens with a vocabulary that tiktoken would download.
OFFLINE_TOKENS = """
import tiktoken
plain = tiktoken.Encoding("bytes", pat_str=".", mergeable_ranks={bytes([b]): b for b in range(256)}, special_tokens={})
tiktoken.get_encoding = lambda name: plain
"""

SCRIPTED = """
import json, sys
from inspect_ai import eval
from inspect_ai.model import ModelOutput, get_model
replies = [ModelOutput.from_content("mockllm/model", reply) for reply in json.load(open("replies.json"))]
[log] = eval("adaem_questions.py", model=get_model("mockllm/model", custom_outputs=replies), display="none",
             task_args={"samples": 2}, max_samples=1, log_dir="scripted")
print(log.status, log.results.scores[0].metrics["mean"].value)
"""


def bring(folder: Path, questions: list[str]) -> RunFolder:
    rows = [
        {"question_id": f"q{number}", "question": text, "model": model, "answer": f"At {number} I think of security."}
        for number, text in enumerate(questions)
        for model in ("okapi", "zebra")
        for _ in range(2)
    ]
    folder.mkdir(exist_ok=True)
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return asyncio.run(import_answers(check_import(path, {}, JUDGED), folder / "run", lambda done, total: None))[0]


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return bring(tmp_path_factory.mktemp("inspect"), [f"Is {name} right? {text}" for name, text in HOSTILE.items()])


@pytest.fixture
def task(brought: RunFolder, tmp_path: Path) -> Path:
    export_verb(brought.path, "inspect", tmp_path / "task")
    return tmp_path / "task"


def samples(task: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (task / "dataset.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]


def test_the_dataset_asks_every_question_as_adaem_does_with_the_schema_in_words(brought: RunFolder, task: Path) -> None:
    with RunRecords(brought.records_path, read_only=True) as records:
        known, recorded = records.questions(), records.ids("recorded")
    found = samples(task)
    assert [sample["id"] for sample in found] == list(recorded)
    prompts = brought.read_manifest().prompts
    for sample in found:
        system, user = sample["input"]
        assert (system["role"], user["role"]) == ("system", "user")
        assert system["content"] == prompts["answer"].system
        assert read_fences(user["content"])["question"] == known[sample["id"]].text == sample["metadata"]["question"]
        assert '"key_points"' in user["content"].split("JSON schema:")[1]


def test_the_task_compiles_and_holds_no_text_of_the_run(task: Path) -> None:
    text = (task / "adaem_questions.py").read_text(encoding="utf-8")
    compile(text, "adaem_questions.py", "exec")
    assert [name for name, hostile in HOSTILE.items() if hostile in text] == []


def test_an_earlier_export_is_replaced_and_anything_else_left_alone(brought: RunFolder, task: Path) -> None:
    (task / "dataset.jsonl").write_text("old", encoding="utf-8")
    export_verb(brought.path, "inspect", task)
    assert len(samples(task)) == len(HOSTILE)
    (task / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match=r"thesis\.txt"):
        export_verb(brought.path, "inspect", task)


def test_a_run_without_published_questions_says_so(tmp_path: Path) -> None:
    folder = bring(tmp_path / "in", ["One?"])
    with RunRecords(folder.records_path) as records:
        records.put_ids("recorded", [])
    with pytest.raises(InputError, match="no question was published yet"):
        export_inspect(folder, lambda question: ("", question.text), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def run(*command: Path | str, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with inspect-ai and without adaem; its programs."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", folder, folder=folder)
    programs = folder / "bin"
    if uv := shutil.which("uv"):
        run(uv, "pip", "install", "--quiet", "--python", programs / "python", INSPECT, folder=folder)
    else:
        run(programs / "python", "-m", "pip", "install", "--quiet", INSPECT, folder=folder)
    [site_packages] = folder.glob("lib/python*/site-packages")
    (site_packages / "sitecustomize.py").write_text(OFFLINE_TOKENS, encoding="utf-8")
    return programs


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_real_inspect_runs_the_task_and_a_misfit_is_missing(environment: Path, task: Path) -> None:
    command = ("eval", "adaem_questions.py", "--model", "mockllm/model", "-T", "samples=2", "--display", "plain")
    run(environment / "inspect", *command, folder=task)
    [log] = (task / "logs").glob("*.eval")
    rows = [json.loads(row) for row in run(environment / "python", "adaem_questions.py", log, folder=task).splitlines()]
    assert len(rows) == 2 * len(HOSTILE)
    assert {(row["model"], row["answer"], row["stance"]) for row in rows} == {("mockllm/model", "", None)}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_inspect_collected_is_judged_by_adaem_import(environment: Path, task: Path, tmp_path: Path) -> None:
    def points(reply: int) -> list[dict[str, str]]:
        about = ("harbours", "schools", "wages", "rivers")
        return [{"point": f"It is about {each}", "justification": f"{each} need security, {reply}."} for each in about]

    def fit(reply: int) -> str:
        return json.dumps({"stance": "yes", "key_points": points(reply)})

    fitting = fit(0)
    unfit = ("I will not say.", json.dumps({"stance": "maybe", "key_points": points(0)}), '{"stance": "no"', "[" * 9999)
    replies = [fitting, f"Well:\n```json\n{fitting}\n```", *unfit]
    # Each question is answered in words of its own: one answer to most questions says nothing.
    replies += [fit(reply) for reply in range(1, 2 * len(HOSTILE) - len(replies) + 1)]
    (task / "replies.json").write_text(json.dumps(replies), encoding="utf-8")
    status, share = run(environment / "python", "-c", SCRIPTED, folder=task).split()
    assert (status, float(share)) == ("success", pytest.approx(1 - len(unfit) / len(replies)))

    [log] = (task / "scripted").glob("*.eval")
    answers = tmp_path / "collected.jsonl"
    answers.write_text(run(environment / "python", "adaem_questions.py", log, folder=task), encoding="utf-8")
    parts = check_import(answers, {"topic": "topic"}, JUDGED)
    folder, manifest = asyncio.run(import_answers(parts, tmp_path / "imported", lambda done, total: None))
    assert manifest.recorded is not None
    assert manifest.recorded.excluded == {"unparsable (empty)": len(unfit)}
    with RunRecords(folder.records_path, read_only=True) as records:
        assert len(records.questions()) == len(HOSTILE)
        found = [
            pair for each in records.questions() for pair in zip(*records.answers(each, [Phase.EVALUATE]), strict=True)
        ]
    judged = [judgement for answer, judgement in found if answer.outcome is Outcome.ANSWERED]
    assert len(judged) == len(replies) - len(unfit)
    assert {value for judgement in judged if judgement is not None for value in judgement.values} == {"security"}


LOG_READER = """
import json, sys
from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries, list_eval_logs
log = read_eval_log(sys.argv[1])
scored = sum(bool(sample.scores) for sample in log.samples)
first = log.samples[0]
print(json.dumps({"status": log.status, "samples": len(log.samples), "scored": scored,
                  "summaries": len(read_eval_log_sample_summaries(sys.argv[1])), "said": first.output.completion,
                  "asked": first.input[1].content, "simulated": log.eval.metadata["simulated"]}))
"""


def test_the_log_of_a_run_holds_every_answer_and_scores_only_what_was_judged(
    brought: RunFolder, tmp_path: Path
) -> None:
    path = tmp_path / "run.eval"
    assert write_inspect_log(brought, path) == 4 * len(HOSTILE)
    with ZipFile(path) as log:
        header = json.loads(log.read("header.json"))
        names = [name for name in log.namelist() if name.startswith("samples/")]
        rows = [json.loads(log.read(name)) for name in names]
    assert len(names) == len(set(names)) == 4 * len(HOSTILE)
    assert (header["version"], header["status"], header["results"]["total_samples"]) == (2, "success", len(rows))
    assert {(row["metadata"]["member"], row["epoch"]) for row in rows} == {
        (m, e) for m in ("okapi", "zebra") for e in (1, 2)
    }
    for row in rows:
        judged = row["metadata"]["outcome"] == "answered"
        assert bool(row["scores"]) == judged
        if judged:
            assert row["scores"]["values"]["value"] == "security"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_real_inspect_opens_the_log_of_a_run(environment: Path, tmp_path: Path) -> None:
    folder, _ = grow(tmp_path / "run", pool=simulated_pool(tmp_path / "pool.yaml"), questions=3, budget__calls=1000)
    count = write_inspect_log(folder, tmp_path / "run.eval")
    found = json.loads(run(environment / "python", "-c", LOG_READER, tmp_path / "run.eval", folder=tmp_path))
    with RunRecords(folder.records_path, read_only=True) as records:
        pairs = [pair for each in records.questions() for pair in zip(*records.answers(each), strict=True)]
    judged = sum(judgement is not None and judgement.outcome is Outcome.ANSWERED for _, judgement in pairs)
    assert (found["samples"], found["summaries"], found["scored"]) == (count, count, judged)
    assert len(pairs) == count
    assert (found["status"], found["simulated"]) == ("success", True)
    assert "key_points" in found["said"]
    listed = run(environment / "inspect", "list", "logs", "--log-dir", tmp_path, folder=tmp_path)
    assert "run.eval" in listed
