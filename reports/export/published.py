"""The questions of a folder as other programs publish them: each with the prompt and the judge that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...domain.errors import InputError
from ...domain.question import Question
from ...domain.texts.command_line import resume_in_text
from ...records import Manifest, RunFolder, RunRecords

Ask = Callable[[Question], tuple[str, str]]
"""The system and the user message that ask a question."""

_DIGITS = 12


@dataclass(frozen=True)
class Published:
    """``rows`` are those published, or those that an evaluation or import asked, in order; ``prompt`` names the words
    that asked, as the wording of answers that come back: "answer-" and the beginning of a SHA-256.
    """

    manifest: Manifest
    prompt: str
    judge: str
    rows: tuple[dict[str, Any], ...]


def published_questions(folder: RunFolder, ask: Ask) -> Published:
    """Each row has its ``messages``, and what is known of the question. Raises ``InputError`` when there are none."""
    manifest = folder.read_manifest()
    with RunRecords(folder.records_path, read_only=True) as records:
        ids = records.ids("published") or records.ids("evaluated") or records.ids("recorded")
        known = records.questions(ids)
    if not known:
        raise InputError(f"{folder.path}: no question was published yet — go on with {resume_in_text(folder.path)}")
    judge, prompt = judge_in_words(manifest), f"answer-{manifest.prompts['answer'].fingerprint[:_DIGITS]}"
    rows = []
    for each in ids:
        if (question := known.get(each)) is None:
            continue
        system, user = ask(question)
        rows.append(
            {
                "question_id": question.id,
                "question": question.text,
                "fact": question.fact,
                "topic_id": question.topic_id,
                "topic": question.topic,
                "system": system,
                "user": user,
                "simulated": manifest.simulated,
                "adaem_prompt": prompt,
                "adaem_judge": judge,
                "adaem_run": manifest.run_id,
            }
        )
    return Published(manifest, prompt, judge, tuple(rows))


def judge_in_words(manifest: Manifest) -> str:
    """The judge's name in the settings, and the models that it asked."""
    members = {member.id: member.model for member in manifest.pool.members} if manifest.pool is not None else {}
    asked = ", ".join(members.get(each, each) for each in manifest.judges or ())
    return f"{manifest.settings.agents.judge} ({asked})" if asked else manifest.settings.agents.judge
