"""A run's answers as a log of Inspect AI (inspect.aisi.org.uk), which its viewer opens: one sample an answer.

An ``.eval`` file is a zip archive: ``header.json`` with the evaluation, ``summaries.json``, ``reductions.json``, and a
file for each sample. Inspect itself is not needed to write it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from ...domain.answer import Answer, Outcome
from ...domain.errors import InputError
from ...domain.judgement import Judgement
from ...domain.texts.command_line import resume_in_text
from ...records import Manifest, RunFolder, RunRecords
from ...records.status import current_manifest
from ...records.whole_file import whole_file, written

LOG_VERSION = 2
TASK = "adaem"
SCORER = "values"


def write_inspect_log(folder: RunFolder, out: Path) -> int:
    """Writes the log, returns its samples. Raises ``InputError`` unless ``out`` ends in .eval and there are answers."""
    if out.suffix != ".eval":
        raise InputError(f"{out}: Inspect knows its logs by their ending — name a file that ends in .eval")
    manifest = current_manifest(folder)
    with RunRecords(folder.records_path, read_only=True) as records, written(out), whole_file(out) as path:
        count = 0
        with ZipFile(path, "w", ZIP_DEFLATED) as log:
            summaries = []
            for sample in _samples(records):
                log.writestr(f"samples/{sample['id']}_epoch_{sample['epoch']}.json", _json(sample))
                summaries.append(_summary(sample))
                count += 1
            if not count:
                raise InputError(f"{folder.path}: no model has answered yet — go on with {resume_in_text(folder.path)}")
            log.writestr("summaries.json", _json(summaries))
            log.writestr("reductions.json", "[]")
            log.writestr("header.json", _json(_header(manifest, summaries)))
    return count


def _samples(records: RunRecords) -> Iterator[dict[str, Any]]:
    for question_id, question in records.questions().items():
        answers, judgements = records.answers(question_id)
        epochs: dict[str, int] = {}
        for answer, judgement in zip(answers, judgements, strict=True):
            name = f"{question_id}-{answer.member}"
            epochs[name] = epoch = epochs.get(name, 0) + 1
            calls = records.calls([answer.call_id]) if answer.call_id else []
            prompt = calls[0].prompt if calls else None
            text = calls[0].text if calls else "\n".join(point.text for point in answer.key_points)
            messages = [
                {"role": "system", "content": prompt.system if prompt else ""},
                {"role": "user", "content": prompt.user if prompt else question.text},
            ]
            reply = {"role": "assistant", "content": text, "source": "generate", "model": answer.member}
            error = None if answer.outcome is Outcome.ANSWERED else {"message": answer.outcome.value}
            yield {
                "id": name,
                "epoch": epoch,
                "input": messages,
                "target": "",
                "messages": [*messages, reply],
                "output": {
                    "model": answer.member,
                    "choices": [{"message": reply, "stop_reason": "stop"}],
                    "error": None if error is None else f"{answer.outcome.value}: {answer.detail}",
                },
                "scores": _scores(answer, judgement),
                "metadata": {
                    "question": question.text,
                    "fact": question.fact,
                    "topic_id": question.topic_id,
                    "member": answer.member,
                    "phase": answer.phase.value,
                    "sample": answer.sample,
                    "outcome": answer.outcome.value,
                },
                "store": {},
                "events": [],
                "attachments": {},
                "model_usage": {},
            }


def _scores(answer: Answer, judgement: Judgement | None) -> dict[str, Any]:
    """The labels as a score; none where the answer is missing or could not be judged: missing is never zero."""
    if answer.outcome is not Outcome.ANSWERED or judgement is None or judgement.outcome is not Outcome.ANSWERED:
        return {}
    quotes = "\n".join(f"{label.value}: {label.quote}" for label in judgement.labels)
    stance = answer.stance.value if answer.stance else ""
    return {SCORER: {"value": ", ".join(sorted(judgement.values)), "answer": stance, "explanation": quotes}}


def _summary(sample: dict[str, Any]) -> dict[str, Any]:
    fields = {key: sample[key] for key in ("id", "epoch", "target", "scores", "metadata")}
    return {**fields, "input": sample["metadata"]["question"], "model_usage": {}, "completed": True}


def _header(manifest: Manifest, summaries: list[dict[str, Any]]) -> dict[str, Any]:
    ids = list(dict.fromkeys(summary["id"] for summary in summaries))
    statuses = {"finished": "success", "running": "started", "interrupted": "cancelled", "cut off": "cancelled"}
    end = manifest.sessions[-1].finished_at if manifest.sessions else ""
    members = ", ".join(member.id for member in manifest.pool.members) if manifest.pool else "recorded"
    return {
        "version": LOG_VERSION,
        "status": statuses.get(manifest.status, "error"),
        "eval": {
            "run_id": manifest.run_id,
            "eval_id": manifest.run_id,
            "task_id": manifest.run_id,
            "created": manifest.created_at,
            "task": TASK,
            "task_version": 0,
            "task_attribs": {},
            "task_args": {},
            "dataset": {"name": manifest.framework.name, "samples": len(ids), "sample_ids": ids},
            "model": f"adaem/{manifest.pool.name if manifest.pool else 'recorded'}",
            "model_generate_config": {},
            "model_args": {},
            "config": {"epochs": max(summary["epoch"] for summary in summaries)},
            "packages": {"adaem": manifest.adaem_version},
            "metadata": {"simulated": manifest.simulated, "members": members},
        },
        "plan": {"name": "plan", "steps": [], "config": {}},
        "results": {"total_samples": len(summaries), "completed_samples": len(summaries), "scores": []},
        "stats": {"started_at": manifest.created_at, "completed_at": end, "model_usage": {}},
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
