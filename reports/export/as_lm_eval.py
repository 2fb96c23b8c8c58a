"""The questions as a task for lm-evaluation-harness: a folder that ``lm_eval --include_path`` runs without adaem."""

from __future__ import annotations

import json
from pathlib import Path

from ...records import RunFolder
from ...records.whole_file import whole_file
from .export_folder import export_folder
from .published import Ask, Published, published_questions

TASK_NAME = "adaem_questions"
SAMPLES = 5
"""Answers of a model to each question, as in the Inspect task."""

LM_EVAL_FILES = (f"{TASK_NAME}.yaml", "adaem_task.py", "dataset.jsonl")
_CODE = Path(__file__).with_name("lm_eval_task.txt")
"""The task's functions; no module here, since they import what adaem does not depend on."""


def export_lm_eval(folder: RunFolder, ask: Ask, out: Path) -> dict[Path, int]:
    """Writes the task, its functions and its dataset into ``out``; returns the questions in the dataset.

    Raises as ``export_inspect`` does.
    """
    published = published_questions(folder, ask)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in published.rows]
    texts = (_task(published), _CODE.read_text(encoding="utf-8"), "".join(lines))
    with export_folder(out, frozenset((*LM_EVAL_FILES, "__pycache__"))):
        for name, text in zip(LM_EVAL_FILES, texts, strict=True):
            with whole_file(out / name) as path:
                path.write_text(text, encoding="utf-8")
    return {out / "dataset.jsonl": len(lines)}


def _task(published: Published) -> str:
    """The whole prompt is in the data: lm-eval fills in columns, and reads none of a model's words as a template."""
    # As JSON none of them has a line end, with which a stranger's words would leave the comment.
    run_id, prompt, judge = map(json.dumps, (published.manifest.run_id, published.prompt, published.judge))
    return f"""# Questions of AdAEM run {run_id}: prompt {prompt}; found with the judge {judge}.
task: {TASK_NAME}
custom_dataset: !function adaem_task.dataset
test_split: test
output_type: generate_until
description: "{{{{system}}}}\\n\\n"
doc_to_text: "{{{{user}}}}"
doc_to_target: ""
process_results: !function adaem_task.process_results
repeats: {SAMPLES}
generation_kwargs:
  until: []
  do_sample: true
  temperature: 1.0
  max_gen_toks: 1024
metric_list:
  - metric: fits
    aggregation: mean
    higher_is_better: true
metadata:
  version: 1.0
"""
