"""The questions as a task for Inspect (inspect.aisi.org.uk): a folder that ``inspect eval`` runs without adaem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...records import RunFolder
from ...records.whole_file import whole_file
from .export_folder import export_folder
from .published import Ask, published_questions

TASK_FILE, DATASET = "adaem_questions.py", "dataset.jsonl"
TASK_TEXT = Path(__file__).with_name("inspect_task.txt")
"""The task's source; no module here, since it imports what adaem does not depend on."""


def export_inspect(folder: RunFolder, ask: Ask, out: Path) -> dict[Path, int]:
    """Writes the task and its dataset into ``out``; returns the questions in the dataset.

    They are those published, or those that an evaluation or import asked. Raises ``InputError`` when there are none,
    and ``StoreError`` when ``out`` cannot be used.
    """
    published = published_questions(folder, ask)
    lines = [_line(row) for row in published.rows]
    with export_folder(out, frozenset((TASK_FILE, DATASET, "__pycache__", "logs"))):
        with whole_file(out / DATASET) as path:
            path.write_text("".join(lines), encoding="utf-8")
        with whole_file(out / TASK_FILE) as path:
            path.write_text(TASK_TEXT.read_text(encoding="utf-8"), encoding="utf-8")
    return {out / DATASET: len(lines)}


def _line(row: dict[str, Any]) -> str:
    sample = {
        "id": row["question_id"],
        "input": [{"role": "system", "content": row["system"]}, {"role": "user", "content": row["user"]}],
        "target": "",
        "metadata": {key: value for key, value in row.items() if key not in ("question_id", "system", "user")},
    }
    return json.dumps(sample, ensure_ascii=False) + "\n"
