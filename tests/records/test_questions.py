"""``questions.jsonl``: every confirmed question by rank, with every score term by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from adaem.domain.answer import Phase
from adaem.domain.critique import Critique, Score
from adaem.domain.pool_spec import Role
from adaem.domain.question import Question
from adaem.records import RunFolder, RunRecords
from adaem.records.questions_file import PUBLISHED_TERMS, question_lines, write_questions
from small_world import HOSTILE

FIELDS = [
    *(
        "id",
        "rank",
        "published",
        "same_answers_as",
        "topic_id",
        "topic",
        "question",
        "fact",
        "fact_verified",
        "parent_id",
        "depth",
        "edited",
    ),
    *("score", "unscored", "search_score", "models", "samples", "missing", "created_at"),
]


def critique(question_id: str, phase: Phase, group: Role, total: float | None) -> Critique:
    score = None
    if total is not None:
        score = Score(
            **{"divergence": total, "plug_in": 0.5, "noise_floor": 0.1, "interval": (0.0, 0.5), "quadratic": 0.2},
            **{"disentanglement": 0.3, "echo": 0.1, "own": 0.2, "opinion_diversity": None, "total": total},
            **{"variance": 0.01, "p_value": 0.2, "q_value": 0.4, "disputed": False},
        )
    return Critique(
        question_id=question_id,
        phase=phase,
        group=group,
        critic="divergence",
        score=score,
        unscored="" if score else "too few",
        models=("okapi", "zebra"),
        samples=(5, 4),
        missing={"answer: refused": 1},
    )


@pytest.fixture
def records(tmp_path: Path) -> Iterator[RunRecords]:
    """c and a are published, b was confirmed and could not be scored, d was never confirmed."""
    with RunRecords(tmp_path / "run.sqlite") as opened:
        opened.put_questions(
            Question(id=name, topic_id="t", topic="T?", text=f"{name}?", fact=HOSTILE["html"], depth=1, parent_id="d")
            for name in "abcd"
        )
        opened.put_critiques(critique(name, Phase.SEARCH, Role.SCOUT, 0.9) for name in "abcd")
        opened.put_critiques(critique(name, Phase.CONFIRM, Role.SCOUT, 0.7) for name in "abc")
        confirmed = {"a": -0.05, "b": None, "c": 0.4}
        opened.put_critiques(critique(name, Phase.CONFIRM, Role.PANEL, total) for name, total in confirmed.items())
        opened.put_ids("confirmed", ["c", "a", "b"])
        opened.put_ids("published", ["c", "a"])
        yield opened


def test_the_lines_are_all_confirmed_questions_by_rank(records: RunRecords) -> None:
    lines = question_lines(records)
    assert [(line["id"], line["rank"], line["published"]) for line in lines] == [
        ("c", 1, True),
        ("a", 2, True),
        ("b", 3, False),
    ]
    assert all(list(line) == FIELDS for line in lines)


def test_the_score_is_the_panels_on_fresh_samples_beside_the_search_score(records: RunRecords) -> None:
    best, negative, unscored = question_lines(records)
    assert tuple(best["score"]) == PUBLISHED_TERMS
    assert (best["score"]["divergence"], best["search_score"]) == (0.4, 0.9)
    assert negative["score"]["divergence"] == -0.05
    assert best["score"]["opinion_diversity"] is None
    assert (unscored["score"], unscored["unscored"], unscored["search_score"]) == (None, "too few", 0.9)
    assert (best["models"], best["samples"], best["missing"]) == (["okapi", "zebra"], [5, 4], {"answer: refused": 1})
    assert (best["fact_verified"], best["parent_id"], best["depth"]) == (False, "d", 1)


def test_every_published_term_is_a_term_of_the_score() -> None:
    assert set(PUBLISHED_TERMS) <= set(Score.model_fields)


@pytest.mark.parametrize("simulated", [True, False])
def test_the_file_holds_one_line_a_question_and_says_whether_it_was_simulated(
    records: RunRecords, tmp_path: Path, simulated: bool
) -> None:
    folder = RunFolder(tmp_path)
    for _ in range(2):
        assert write_questions(folder, records, simulated=simulated) == 3
    lines = [json.loads(line) for line in folder.questions_path.read_text(encoding="utf-8").splitlines()]
    assert lines == [{**line, "simulated": simulated} for line in json.loads(json.dumps(question_lines(records)))]
    assert lines[0]["fact"] == HOSTILE["html"]


def test_a_run_that_confirmed_nothing_has_an_empty_file(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with RunRecords(folder.records_path) as empty:
        assert write_questions(folder, empty, simulated=False) == 0
    assert folder.questions_path.read_text() == ""
