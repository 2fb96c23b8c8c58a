"""Recorded answers that say nothing, in ten ways: none is judged, so that there is no value and no difference."""

from __future__ import annotations

from pathlib import Path

import keyword_judge
import pytest
from adaem.domain.answer import Outcome
from adaem.domain.errors import RunFailed
from adaem.pool.replies.recorded_text import read_answer
from adaem.records import open_run
from adaem.records.recorded_answers import read_recorded
from adaem.results.compute import folder_results
from recorded_rows import MODELS, bring, rows, write

EXAMPLE = '{"stance": "yes" | "no" | "neutral", "key_points": [{"point": "…", "justification": "…"}, … three in all]}'
QUESTION = "Is number {} right?"
NOTHING = {
    "empty": "",
    "dots": "…",
    "white space": " \n\t ",
    "a phrase for any answer": "The answer to the question",
    "the question": QUESTION,
    "the example": EXAMPLE,
    "a loop": "security " * 30,
    "a fence": "```json\n```",
    "marks and pictures": "!!! 🎉🎉 ??? -- ;; 🎉",
    "a missing cell": "N/A",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_each_kind_of_nothing_is_no_answer(tmp_path: Path, text: str) -> None:
    found = [{**row, "answer": text.replace("{}", row["question"].split()[2])} for row in rows(3, 1)]
    read = read_recorded(write(tmp_path / "answers.jsonl", found), {}, read_answer)
    assert {answer.outcome for answer in read.answers} <= {Outcome.DEGENERATE, Outcome.UNPARSABLE}
    assert "answered" not in {name for name, number in read.source.outcomes.items() if number}


def test_three_models_that_say_nothing_have_no_value_and_do_not_differ(tmp_path: Path) -> None:
    kinds = list(NOTHING.values())
    found = rows(6, 2)
    for place, row in enumerate(found):
        own = (MODELS.index(row["model"]) * 3 + place % 3) % len(kinds)
        row["answer"] = kinds[own].replace("{}", row["question"].split()[2])
    keyword_judge.SHOWN.clear()
    with pytest.raises(RunFailed, match="no answer could be judged"):
        bring(tmp_path, found)
    assert not any("security security" in text for text in keyword_judge.SHOWN)
    [folder] = [path.parent for path in tmp_path.rglob("manifest.json")]
    results = folder_results(open_run(folder))
    assert results.asked.answers == 0
    assert not results.contrasts.surviving
    assert not any(of_model for of_model in results.rates().values() if any(of_model.values()))
    assert sum(results.asked.missing.values()) == len(found)


def test_the_same_words_to_two_questions_are_answers(tmp_path: Path) -> None:
    found = [{**row, "answer": "Because it is safe."} for row in rows(2, 1)]
    read = read_recorded(write(tmp_path / "answers.jsonl", found), {}, read_answer)
    assert {answer.outcome for answer in read.answers} == {Outcome.ANSWERED}
