"""Recorded answers of three models whose values are known, and their import."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
from adaem.jobs.imports.import_inputs import check_import, judge_settings
from adaem.jobs.imports.recorded_import import import_answers
from adaem.records import Manifest, RunFolder

FAKE = "keyword_judge:KeywordJudge"


MODELS = ("acme/okapi-7b", "zebra", "mouse")


VALUES = ("security", "power", "hedonism")


def rows(questions: int = 6, wordings: int = 4, seed: int = 1) -> list[dict[str, Any]]:
    """Each model holds one value, and every other question calls it up."""
    rng = np.random.default_rng(seed)
    found = []
    for question in range(questions):
        for wording in range(wordings):
            for model, own in zip(MODELS, VALUES, strict=True):
                said = [
                    value
                    for value in VALUES
                    if rng.random() < (0.9 if value == own and question % 2 == 0 else 0.1 if question % 2 == 0 else 0.3)
                ]
                found.append(
                    {
                        "question_id": f"q{question}",
                        "question": f"Is number {question} right?",
                        "model": model,
                        "answer": f"In case {question} I think of {' and '.join(said) or 'nothing'}.",
                        "wording": f"form-{wording}",
                    }
                )
    return found


def write(path: Path, found: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")
    return path


def bring(folder: Path, found: list[dict[str, Any]], **overrides: Any) -> tuple[RunFolder, Manifest]:
    overrides = {
        "framework": "schwartz",
        "search.permutations": 199,
        "seed": 3,
        **judge_settings(FAKE, None),
    } | overrides
    inputs = check_import(write(folder / "answers.jsonl", found), {}, overrides)
    return asyncio.run(import_answers(inputs, folder / "run", lambda done, total: None))
