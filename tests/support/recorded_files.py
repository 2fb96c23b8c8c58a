"""Files of answers in any format: written, read as an import reads them, and what was then said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from adaem.pool.replies.recorded_text import read_answer
from adaem.records.formats.source_rows import SourceFormat
from adaem.records.recorded_answers import RecordedAnswers, read_recorded

QUESTION = "Should museums be free?"


def written(path: Path, content: bytes | str | object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, bytes | str) else json.dumps(content, ensure_ascii=False)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path: Path, kind: SourceFormat | None = None, **more: Any) -> RecordedAnswers:
    return read_recorded(path, more.pop("columns", {}), read_answer, kind=kind, **more)


def said(found: RecordedAnswers) -> list[tuple[str, str, str, int, str]]:
    texts = {question.id: question.text for question in found.questions}
    return [
        (texts[each.question_id], each.member, each.wording, each.sample, each.key_points[0].point)
        for each in found.answers
    ]
