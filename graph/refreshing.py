"""Remembered questions measured again on today's models: what no longer discriminates expires (METHOD.md section 3)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..domain.answer import Phase
from ..domain.critique import Score
from ..domain.errors import InputError
from ..domain.record import Record
from ..memory.items import Remembered
from ..memory.life import Change, Standing, latest
from ..memory.protocol import QuestionMemory
from ..records import RunFolder, RunRecords
from .asking import critique_groups

REJECTS = 0.05


class Remeasured(Record):
    """A remembered question and its score today; ``unscored`` says why there is none."""

    question: Remembered
    score: Score | None
    unscored: str = ""
    expired: bool = False


def drawn(memory: QuestionMemory, count: int, seed: int) -> list[Remembered]:
    """``count`` questions at random among the scored ones that are not worn out, nor is their topic withdrawn.

    All of them where there are fewer; raises ``InputError`` when there are none.
    """
    standing = latest(memory.changes())
    out = {subject for (kind, subject), change in standing.items() if kind == "question" and change.standing.worn_out}
    gone = {
        subject
        for (kind, subject), change in standing.items()
        if kind == "topic" and change.standing is Standing.WITHDRAWN
    }
    scored = [item for item in memory.all_items() if item.score is not None]
    usable = sorted((item for item in scored if item.id not in out and item.topic_id not in gone), key=lambda x: x.id)
    if not usable:
        raise InputError("no remembered question has a score and is still in use: there is nothing to measure again")
    order = np.random.default_rng(seed).permutation(len(usable))[:count]
    return [usable[place] for place in sorted(order)]


def write_questions(questions: Sequence[Remembered], path: Path) -> None:
    """The questions as a file that an evaluation reads."""
    lines = [
        {"id": each.id, "question": each.text, "fact": each.fact, "topic_id": each.topic_id, "topic": each.topic}
        for each in questions
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def remeasured(memory: QuestionMemory, folder: RunFolder) -> list[Remeasured]:
    """The remembered questions that the evaluation in ``folder`` has asked, with their scores there.

    One expires when nothing shows that its models still differ (permutation test, p > 0.05) and the 95 % interval of
    its divergence lies below the score that is remembered: a small pool alone makes nothing expire. Raises
    ``InputError`` when the folder is no evaluation, or asked nothing that is remembered.
    """
    manifest = folder.read_manifest()
    if manifest.evaluation is None or manifest.pool is None:
        raise InputError(f"{folder.path}: is no evaluation — name the folder of an earlier 'adaem memory refresh'")
    groups = critique_groups(manifest.pool)
    if not groups:
        raise InputError(f"{folder.path}: no two of its models have one role, so that no divergence was measured")
    with RunRecords(folder.records_path, read_only=True) as records:
        critiques = records.critiques(Phase.EVALUATE, groups[0][0])
    found = memory.get(list(critiques))
    if not found:
        raise InputError(f"{folder.path}: asked none of the questions that are remembered here")
    return [
        Remeasured(
            question=item,
            score=critiques[item.id].score,
            unscored=critiques[item.id].unscored,
            expired=_expired(item, critiques[item.id].score),
        )
        for item in found
    ]


def _expired(item: Remembered, score: Score | None) -> bool:
    if score is None or score.p_value is None or score.interval is None or item.score is None:
        return False
    return score.p_value > REJECTS and score.interval[1] < item.score


def expiries(found: Sequence[Remeasured], run_id: str) -> list[Change]:
    """What expires, as changes: questions, and topics of which every re-measured question (two at least) did."""
    changes = []
    by_topic: dict[str, list[bool]] = {}
    for each in found:
        if each.score is not None:
            by_topic.setdefault(each.question.topic_id, []).append(each.expired)
        if each.expired and each.score is not None and each.score.interval is not None:
            why = (
                f"measured again: {each.score.divergence:+.3f} bits, at most {each.score.interval[1]:.3f} "
                f"(p = {each.score.p_value:.2f}), where {each.question.score:+.3f} were remembered"
            )
            changes.append(
                Change(kind="question", subject=each.question.id, standing=Standing.EXPIRED, why=why, run_id=run_id)
            )
    for topic_id, expired in by_topic.items():
        if len(expired) > 1 and all(expired):
            why = f"none of its {len(expired)} questions that were measured again still discriminates"
            changes.append(Change(kind="topic", subject=topic_id, standing=Standing.EXPIRED, why=why, run_id=run_id))
    return changes
