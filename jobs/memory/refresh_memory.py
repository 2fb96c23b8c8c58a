"""Remembered questions measured again on today's models: what no longer discriminates expires (METHOD.md section 3)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ...domain.answer import Phase
from ...domain.critique import Critique, Score
from ...domain.errors import InputError
from ...domain.record import Record
from ...domain.streams import Stream, generator
from ...memory.items import Remembered
from ...memory.question_memory import QuestionMemory
from ...memory.standings import Standing, StandingChange, latest
from ...records import RunFolder, RunRecords
from ..evaluation.evaluation_inputs import QUESTION_LIST
from ..evaluation.question_evaluator import critique_groups

REJECTS = 0.05


class Remeasurement(Record):
    """A remembered question and what its models' answers say today; ``unscored`` says why there is no score."""

    question: Remembered
    critique: Critique | None
    unscored: str = ""

    @property
    def score(self) -> Score | None:
        """The score today."""
        return None if self.critique is None else self.critique.score

    @property
    def expired(self) -> bool:
        """Whether nothing shows that the models differ, and the interval lies below what is remembered."""
        score, before = self.score, self.question.divergence
        if score is None or score.p_value is None or score.interval is None or before is None:
            return False
        return score.p_value > REJECTS and score.interval[1] < before


def draw_questions(memory: QuestionMemory, count: int, seed: int) -> list[Remembered]:
    """``count`` questions at random among the scored ones that are not retired, nor is their topic withdrawn.

    All of them where there are fewer. Raises ``InputError`` when there are none.
    """
    standing = latest(memory.changes())
    out = {subject for (kind, subject), change in standing.items() if kind == "question" and change.standing.retired}
    gone = {
        subject
        for (kind, subject), change in standing.items()
        if kind == "topic" and change.standing is Standing.WITHDRAWN
    }
    scored = [item for item in memory.all_items() if item.divergence is not None]
    usable = sorted((item for item in scored if item.id not in out and item.topic_id not in gone), key=lambda x: x.id)
    if not usable:
        raise InputError(
            "no question in use is remembered with its divergence: there is nothing to measure again "
            "('adaem memory rebuild' fills in what an earlier version left out)"
        )
    order = generator(seed, Stream.REFRESHED_QUESTIONS).permutation(len(usable))[:count]
    return [usable[place] for place in sorted(order)]


def write_questions(questions: Sequence[Remembered], path: Path) -> None:
    """The questions as a file that an evaluation reads."""
    lines = [
        {"id": each.id, "question": each.text, "fact": each.fact, "topic_id": each.topic_id, "topic": each.topic}
        for each in questions
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def read_remeasurements(memory: QuestionMemory, framework_id: str, folder: RunFolder) -> list[Remeasurement]:
    """The remembered questions of the evaluation in ``folder``, those that it did not come to included.

    Raises ``InputError`` when the folder is no evaluation, has another framework than the memory, or asks nothing
    that is remembered with a divergence.
    """
    manifest = folder.read_manifest()
    if manifest.evaluation is None or manifest.pool is None:
        raise InputError(f"{folder.path}: is no evaluation — name the folder of an earlier 'adaem memory refresh'")
    check_framework(framework_id, manifest.framework.id)
    groups = critique_groups(manifest.pool)
    if not groups:
        raise InputError(f"{folder.path}: no two of its models have one role, so that no divergence was measured")
    with RunRecords(folder.records_path, read_only=True) as records:
        ids = records.ids(QUESTION_LIST)
        critiques = records.critiques(Phase.EVALUATE, groups[0][0])
    items = [item for item in memory.get(ids) if item.divergence is not None]
    if not items:
        raise InputError(f"{folder.path}: asked none of the questions that are remembered here")
    return [
        Remeasurement(
            question=item,
            critique=critiques.get(item.id),
            unscored=critiques[item.id].unscored if item.id in critiques else "not asked",
        )
        for item in items
    ]


def check_framework(of_memory: str, named: str) -> None:
    """Raises ``InputError`` unless questions are measured by the values for which they were grown."""
    if of_memory != named:
        raise InputError(
            f"the memory holds questions of the framework {of_memory!r}, and {named!r} would measure other values — "
            "name the right one with -s framework=NAME|FILE"
        )


def expiries(results: Sequence[Remeasurement], run_id: str) -> list[StandingChange]:
    """What expires, as changes: questions, and topics of which every re-measured question (two at least) did.

    A question does when its models show no difference (permutation test, p > 0.05) and the 95 % interval of the
    divergence lies below the one remembered. That one is a search's, from few answers: a lucky one expires sooner.
    """
    changes = []
    by_topic: dict[str, list[bool]] = {}
    for each in results:
        if each.score is not None:
            by_topic.setdefault(each.question.topic_id, []).append(each.expired)
        if each.expired and each.score is not None and each.score.interval is not None:
            why = (
                f"measured again: {each.score.divergence:+z.3f} bits, at most {each.score.interval[1]:z.3f} "
                f"(p = {each.score.p_value:.2f}), where {each.question.divergence:+z.3f} were remembered"
            )
            changes.append(
                StandingChange(
                    kind="question", subject=each.question.id, standing=Standing.EXPIRED, why=why, run_id=run_id
                )
            )
    for topic_id, expired in by_topic.items():
        if len(expired) > 1 and all(expired):
            why = f"none of its {len(expired)} questions that were measured again still discriminates"
            changes.append(
                StandingChange(kind="topic", subject=topic_id, standing=Standing.EXPIRED, why=why, run_id=run_id)
            )
    return changes
