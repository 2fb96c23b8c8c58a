"""``questions.jsonl``: the grown benchmark, one confirmed question a line, best first."""

from __future__ import annotations

import json
from typing import Any

from ..domain.answer import Phase
from ..domain.pool_spec import Role
from .folder import RunFolder
from .run_records import RunRecords
from .whole_file import write_whole

PUBLISHED_TERMS = (
    "shrunken",
    "shrunken_interval",
    "divergence",
    "interval",
    "p_value",
    "q_value",
    "noise_floor",
    "quadratic",
    "disputed",
    "disentanglement",
    "echo",
    "own",
    "opinion_diversity",
    "stance_agreement",
    "total",
)


def question_lines(records: RunRecords) -> list[dict[str, Any]]:
    """All confirmed questions by rank, whatever came out; the published ones are ranks 1 to M.

    ``score`` is that of the fresh confirmation samples alone; its ``shrunken`` orders the ranks where there is one;
    ``search_score`` is the one that the search selected on and therefore too high on average. ``same_answers_as`` names
    a better ranked question whose answers are all but equal; the question then does not count towards M.
    """
    questions = records.questions()
    confirmed = records.critiques(Phase.CONFIRM, Role.PANEL)
    search = records.critiques(Phase.SEARCH, Role.SCOUT)
    published, links = set(records.ids("published")), records.links()
    lines = []
    for rank, question_id in enumerate(records.ids("confirmed"), start=1):
        question, critique = questions[question_id], confirmed[question_id]
        searched = search[question_id].score
        terms = None if critique.score is None else critique.score.model_dump(mode="json")
        lines.append(
            {
                "id": question.id,
                "rank": rank,
                "published": question_id in published,
                "same_answers_as": links.get(question_id),
                "topic_id": question.drawn_with,
                "topic": question.topic,
                "question": question.text,
                "fact": question.fact,
                "fact_verified": False,
                "parent_id": question.parent_id,
                "depth": question.depth,
                "edited": question.edited,
                "score": None if terms is None else {name: terms[name] for name in PUBLISHED_TERMS},
                "unscored": critique.unscored,
                "search_score": None if searched is None else searched.total,
                "models": list(critique.models),
                "samples": list(critique.samples),
                "missing": critique.missing,
                "created_at": question.created_at,
            }
        )
    return lines


def write_questions(folder: RunFolder, records: RunRecords, *, simulated: bool) -> int:
    """Writes the file in one step and returns how many questions it holds."""
    lines = [{**line, "simulated": simulated} for line in question_lines(records)]
    write_whole(folder.questions_path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return len(lines)
