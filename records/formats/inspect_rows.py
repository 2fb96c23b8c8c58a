"""Logs of Inspect AI and of Petri, which runs on it, as rows: read by ``inspect_ai.log``."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from ...domain.errors import FileError, InputError
from ...domain.reading.files import check_unpacked
from ...domain.texts.safe_text import one_line
from .table_rows import Rows, read_bytes

TARGET = "target"
"""Petri's name for the model that is audited."""


def inspect_rows(path: Path) -> Rows:
    """One row a sample: its id, what the user asked, the completion; epochs are samples.

    Of a log in which one model audits another (Petri) the row is what the audited model said in the whole
    conversation, and the question what the audit was about. Raises ``InputError`` without inspect-ai, ``FileError`` for
    a log that it cannot read, that unpacks to more than anybody means, or that has no samples.
    """
    _check_size(path, read_bytes(path))
    log = _read(path)
    if not log.samples:
        raise FileError(path, "holds no samples", remedy="write the log with its samples: inspect eval --log-samples")
    target = (log.eval.model_roles or {}).get(TARGET)
    model = str(getattr(target, "model", target) or log.eval.model)
    for number, sample in enumerate(log.samples):
        metadata = sample.metadata or {}
        answer = _said_by_target(sample) if target is not None else sample.output.completion
        row: dict[str, object] = {
            "question_id": str(sample.id),
            "question": metadata.get("question") or _asked(sample.input),
            "model": model,
            "answer": f"Error: {sample.error.message}" if sample.error is not None else answer,
            "sample": max(sample.epoch - 1, 0),
            "metadata": metadata,
            "scores": {name: score.model_dump(mode="json") for name, score in (sample.scores or {}).items()},
            "target": sample.target,
            "task": log.eval.task,
        }
        if metadata.get("adaem_prompt"):
            row |= {"wording": metadata["adaem_prompt"], "adaem_topic": metadata.get("topic_id") or str(sample.id)}
        yield f"sample {number}", row


def _check_size(path: Path, data: bytes) -> None:
    """A log is a file of a bounded size, and so is what is packed in it, whatever Inspect makes of it."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            check_unpacked(path, len(data), sum(each.file_size for each in archive.infolist()))
    except BadZipFile:
        pass  # a log as JSON, or one that Inspect says is damaged


def _read(path: Path) -> Any:
    try:
        from inspect_ai.log import read_eval_log
    except ModuleNotFoundError:
        raise InputError(
            f"{path}: reading a log of Inspect needs inspect-ai, which is not installed — pip install 'adaem[inspect]'"
        ) from None
    logging.getLogger("inspect_ai").setLevel(logging.ERROR)
    try:
        return read_eval_log(path, resolve_attachments=True)
    except Exception as error:  # noqa: BLE001  a stranger's file: what its reader raises is its own
        problem = f"is not a log that Inspect reads ({type(error).__name__}: {one_line(str(error)):.80})"
        raise FileError(path, problem, remedy="check that it is an .eval or .json log") from None


def _asked(given: Any) -> str:
    """The text of the last message of a user; a plain input is one."""
    if isinstance(given, str):
        return given
    asked = [message.text for message in given if message.role == "user"]
    return asked[-1] if asked else ""


def _said_by_target(sample: Any) -> str:
    events = [event for event in sample.events or () if event.event == "model" and event.role == TARGET]
    replies: Iterable[str] = (event.output.completion for event in events)
    if not events:
        replies = (message.text for message in sample.messages if message.role == "assistant")
    return "\n".join(text for text in replies if text)
