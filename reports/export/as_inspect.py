"""The questions as a task for Inspect (inspect.aisi.org.uk): a folder that ``inspect eval`` runs without adaem."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from ...domain.errors import InputError
from ...domain.question import Question
from ...domain.texts.command_line import resume_in_text
from ...records import RunFolder, RunRecords
from ...records.whole_file import whole_file
from .export_folder import export_folder

TASK_FILE, DATASET = "adaem_questions.py", "dataset.jsonl"
TASK_TEXT = Path(__file__).with_name("inspect_task.txt")
"""The task's source; no module here, since it imports what adaem does not depend on."""

Ask = Callable[[Question], tuple[str, str]]
"""The system and the user message that ask a question."""


def export_inspect(folder: RunFolder, ask: Ask, out: Path) -> dict[Path, int]:
    """Writes the task and its dataset into ``out``; returns the questions in the dataset.

    They are those published, or those that an evaluation or import asked. Raises ``InputError`` when there are none,
    and ``StoreError`` when ``out`` cannot be used.
    """
    with RunRecords(folder.records_path, read_only=True) as records:
        ids = records.ids("published") or records.ids("evaluated") or records.ids("recorded")
        known = records.questions(ids)
    if not known:
        raise InputError(f"{folder.path}: no question was published yet — go on with {resume_in_text(folder.path)}")
    simulated = folder.read_manifest().simulated
    lines = [_line(known[each], ask, simulated=simulated) for each in ids if each in known]
    with export_folder(out, frozenset((TASK_FILE, DATASET, "__pycache__", "logs"))):
        with whole_file(out / DATASET) as path:
            path.write_text("".join(lines), encoding="utf-8")
        with whole_file(out / TASK_FILE) as path:
            path.write_text(TASK_TEXT.read_text(encoding="utf-8"), encoding="utf-8")
    return {out / DATASET: len(lines)}


def _line(question: Question, ask: Ask, *, simulated: bool) -> str:
    system, user = ask(question)
    sample = {
        "id": question.id,
        "input": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        "target": "",
        "metadata": {
            "question": question.text,
            "fact": question.fact,
            "topic_id": question.topic_id,
            "topic": question.topic,
            "simulated": simulated,
        },
    }
    return json.dumps(sample, ensure_ascii=False) + "\n"
