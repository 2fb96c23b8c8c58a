"""Which questions an evaluation asks: those of a run or of a file, in which order, and which make the short form."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from adaem.agents.critic.short_form_choice import short_form
from adaem.domain.answer import Phase
from adaem.domain.critique import Critique
from adaem.domain.errors import FileError, InputError
from adaem.domain.pool_spec import Role
from adaem.domain.question import Question
from adaem.jobs.evaluation.question_source import PRIMED_QUESTIONS, asking_order, primed_questions, read_question_source
from hypothesis import given
from hypothesis import strategies as st


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def questions(topics: list[int]) -> list[Question]:
    return [
        Question(id=f"q{number}", topic_id=f"t{topic}", topic=f"Topic {topic}", text=f"Question {number}?")
        for number, topic in enumerate(topics)
    ]


def test_a_question_alone_is_enough(tmp_path: Path) -> None:
    rows = [{"question": "Is it right?"}, {"question": "Is\nit wrong?", "fact": "It is."}, {"question": "هل هذا صحيح؟"}]
    source = read_question_source(write(tmp_path / "mine.jsonl", *rows), None)
    assert source.name == "mine.jsonl"
    assert [question.text for question in source.questions] == ["Is it right?", "Is it wrong?", "هل هذا صحيح؟"]
    assert source.questions[1].fact == "It is."
    assert len({question.id for question in source.questions}) == 3
    assert all(question.topic_id == question.id and question.topic == question.text for question in source.questions)
    # An id that was made from the words stays the same wherever the question stands.
    again = read_question_source(write(tmp_path / "other.jsonl", *reversed(rows)), None)
    assert [question.id for question in again.questions] == [question.id for question in reversed(source.questions)]
    assert again.sha256 != source.sha256


def test_a_topic_without_an_id_is_one_topic(tmp_path: Path) -> None:
    rows = [{"id": n, "question": f"Is it {n}?", "topic": "Work"} for n in (1, 2)] + [
        {"question": "And?", "topic_id": 7}
    ]
    found = read_question_source(write(tmp_path / "q.jsonl", *rows), None).questions
    assert [question.id for question in found[:2]] == ["1", "2"]
    assert found[0].topic_id == found[1].topic_id != found[2].topic_id == "7"


def test_what_a_run_has_confirmed_and_not_published_is_left_out(tmp_path: Path) -> None:
    rows = [{"id": str(n), "question": f"Is it {n}?", "published": n < 3, "rank": n} for n in range(5)]
    source = read_question_source(write(tmp_path / "questions.jsonl", *rows), None)
    assert [question.id for question in source.questions] == ["0", "1", "2"]
    assert source.notices[-1] == "2 questions that are marked as not published are left out"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no question"),
        ("\n \n", "holds no question"),
        ('{"question": "A?"}\n{"question": "A?"', "line 2: is not JSON"),
        ('{"question": "A?"}\n\n{"text": "A?"}\n', "line 3: has no 'question'"),
        ('{"question": "  "}\n', "line 1: has no 'question'"),
        ('{"question": 3}\n', "line 1: 'question' is not text"),
        ('{"question": "A?", "fact": ["B"]}\n', "line 1: 'fact' is not text"),
        ('["A?"]\n', "line 1: is not a JSON object"),
        (
            '{"id": "x", "question": "A?"}\n{"id": "x", "question": "B?"}\n',
            "line 2: the id 'x' is a duplicate of line 1",
        ),
        (
            '{"id": "x", "question": "A?"}\n{"id": "y", "question": "A?"}\n',
            "line 2: the question is a duplicate of line 1",
        ),
        ('{"question": "A?", "published": false}\n', "holds no question: all 1 are marked as not published"),
        (f'{{"id": "{"x" * 201}", "question": "A?"}}\n', "is longer than 200 characters"),
    ],
)
def test_a_defect_is_told_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileError, match=message) as caught:
        read_question_source(path, None)
    assert str(caught.value).isprintable()


def test_nothing_there_no_run_and_no_short_form_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such run or file of questions"):
        read_question_source(tmp_path / "gone", None)
    with pytest.raises(FileError, match="is not a run"):
        read_question_source(tmp_path, None)
    with pytest.raises(InputError, match=r"--short 3: .* is no run's folder"):
        read_question_source(write(tmp_path / "q.jsonl", {"question": "A?"}), 3)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.integers(0, 2**32))
def test_every_topic_is_primed_before_any_is_primed_twice(topics: list[int], seed: int) -> None:
    asked = questions(topics)
    chosen = primed_questions(asked, seed)
    assert len(chosen) == len({question.id for question in chosen}) == min(PRIMED_QUESTIONS, len(asked))
    counts = Counter(question.topic_id for question in chosen)
    assert len(counts) == min(PRIMED_QUESTIONS, len(set(topics)))
    available = Counter(question.topic_id for question in asked)
    most = max(counts.values())
    assert all(counts[topic] >= min(most - 1, available[topic]) for topic in available if len(counts) == len(available))
    assert chosen == primed_questions(asked, seed)


def test_a_seed_decides_the_order() -> None:
    asked = questions(list(range(30)))
    assert sorted(asking_order(asked, 1), key=asked.index) == asked
    assert asking_order(asked, 1) == asking_order(asked, 1) != asking_order(asked, 2)


def critique(question_id: str, phase: Phase, rates: Mapping[str, tuple[float, ...]], samples: int = 4) -> Critique:
    return Critique(
        question_id=question_id,
        phase=phase,
        group=Role.SCOUT,
        critic="divergence",
        score=None,
        models=tuple(rates),
        samples=(samples,) * len(rates),
        rates=tuple(rates.values()),
    )


def test_the_short_form_keeps_the_questions_on_which_models_differ() -> None:
    asked = questions([0, 1, 2, 3])
    same, apart = {"a": (0.5, 0.5), "b": (0.5, 0.5)}, {"a": (1.0, 0.0), "b": (0.0, 1.0)}
    found = {f"q{n}": critique(f"q{n}", Phase.CONFIRM, apart if n in (1, 3) else same) for n in range(4)}
    assert {question.id for question in short_form(asked, [found], 2)} == {"q1", "q3"}
    assert len(short_form(asked, [found], 9)) == 4


def test_the_samples_of_all_phases_count_for_the_short_form() -> None:
    """In the search the models seemed to differ on q0; the more numerous answers of the confirmation say q1."""
    asked = questions([0, 1])
    same, apart = {"a": (0.5, 0.5), "b": (0.5, 0.5)}, {"a": (1.0, 0.0), "b": (0.0, 1.0)}
    search = {"q0": critique("q0", Phase.SEARCH, apart, 2), "q1": critique("q1", Phase.SEARCH, same, 2)}
    confirm = {"q0": critique("q0", Phase.CONFIRM, same, 8), "q1": critique("q1", Phase.CONFIRM, apart, 8)}
    assert [question.id for question in short_form(asked, [search], 1)] == ["q0"]
    assert [question.id for question in short_form(asked, [search, confirm], 1)] == ["q1"]


def test_questions_that_nobody_answered_are_chosen_last() -> None:
    asked = questions([0, 1, 2])
    known = {"q2": critique("q2", Phase.CONFIRM, {"a": (1.0, 0.0), "b": (0.0, 1.0)})}
    assert [question.id for question in short_form(asked, [known], 2)] == ["q2", "q0"]
    assert [question.id for question in short_form(asked, [], 1)] == ["q0"]
