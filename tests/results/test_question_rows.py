"""Questions as rows, by hand: which score and which rates stand for one, what is chosen, in which order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from adaem.domain.errors import InputError
from adaem.domain.question import Origin, Question
from adaem.records import RunRecords
from adaem.results.browsing.question_rows import QuestionIndex, QuestionRow, QuestionTable
from adaem.results.browsing.row_choice import RowChoice, choose_rows, read_choice
from finished_runs import FinishedRuns


def row(question_id: str, **known: object) -> QuestionRow:
    whole: dict[str, object] = {
        "id": question_id,
        "text": f"Is {question_id} so?",
        **dict.fromkeys(("fact", "topic_id", "topic", "region", "origin", "unscored"), ""),
        "area": "law",
        "status": "kept",
        "scored_in": "search",
        "rated_in": "search",
        "missing": 0,
        "words": f"is {question_id} so?",
        **dict.fromkeys(("rank", "divergence", "interval", "q_value", "score")),
        **known,
    }
    return QuestionRow(**whole)  # type: ignore[arg-type]


def table() -> QuestionTable:
    rows = (
        row("a", divergence=0.1, q_value=0.2),
        row("b", divergence=0.3, q_value=0.01, area="art"),
        row("c"),
        row("d", divergence=-0.2, q_value=0.04, status="published", rank=1),
    )
    rates = np.array(
        [
            [[0.0, 1.0], [0.5, 0.5], [1.0, 1.0]],
            [[1.0, 0.0], [0.0, 0.0], [0.0, 0.5]],
            [[np.nan, np.nan], [0.5, 0.5], [0.5, 0.5]],
            [[0.2, 0.2], [0.3, 0.2], [0.2, 0.2]],
        ],
        dtype=np.float32,
    )
    return QuestionTable(rows, ("x", "y", "z"), {"power": "Power", "care": "Care"}, rates)


def ids(**choice: str) -> str:
    whole = table()
    return "".join(whole.rows[place].id for place in choose_rows(whole, RowChoice(**choice)).places)


def test_the_largest_divergence_comes_first_and_an_unknown_one_last_either_way_round() -> None:
    assert ids() == "badc"
    assert ids(sort="-divergence") == "dabc"
    assert ids(sort="q") == "bdac"
    assert ids(sort="rank") == "dabc"


def test_filters_hold_together() -> None:
    assert ids(area="law", most_q="0,05") == "d"
    assert ids(words="IS b") == "b"
    assert ids(words="is nothing") == ""
    assert ids(most_q="0.05") == "bd"  # an unknown q is not a small one


def test_two_models_are_set_apart_by_their_largest_difference_or_on_one_value() -> None:
    whole = table()
    on_any = choose_rows(whole, RowChoice(model="x", against="y"))
    assert "".join(whole.rows[place].id for place in on_any.places) == "bad"
    assert on_any.without == 1
    assert on_any.figures == pytest.approx([0.5, 1.0, np.nan, 0.1], nan_ok=True)
    on_care = choose_rows(whole, RowChoice(model="x", against="y", value="care"))
    assert on_care.figures == pytest.approx([0.5, 0.0, np.nan, 0.0], nan_ok=True)


def test_a_value_alone_is_the_widest_gap_and_with_a_model_its_rate() -> None:
    whole = table()
    widest = choose_rows(whole, RowChoice(value="power"))
    assert widest.figures == pytest.approx([1.0, 1.0, 0.0, 0.1])
    rate = choose_rows(whole, RowChoice(model="z", value="power"))
    assert rate.figures == pytest.approx([1.0, 0.0, 0.5, 0.2])
    assert "".join(whole.rows[place].id for place in rate.places) == "acdb"


@pytest.mark.parametrize("wrong", [{"model": "?"}, {"value": "?"}, {"sort": "?"}, {"most_q": "-1"}, {"most_q": "nan"}])
def test_what_means_nothing_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InputError):
        choose_rows(table(), RowChoice(**wrong))


def test_other_names_in_an_address_are_left_alone() -> None:
    assert read_choice({"words": " a ", "page": "3", "token": "x"}) == RowChoice(words="a")


def test_a_folder_is_read_on_where_it_has_grown(tmp_path: Path, finished_runs: FinishedRuns) -> None:
    run = finished_runs.copy(tmp_path / "run", questions=4, budget__calls=1500)
    index = QuestionIndex(run)
    before = index.table()
    assert index.table() is before
    scored = [each for each in before.rows if each.divergence is not None]
    assert {each.scored_in for each in scored} == {"confirm", "evaluate", "search"}
    assert {each.rated_in for each in before.rows if each.status == "published"} == {"evaluate"}
    assert not np.isnan(before.rates[before.by_id[scored[0].id]]).all()
    new = Question(id="q9", topic_id="t", topic="T?", text="A new one?", origin=Origin.PROPOSE)
    with RunRecords(run.records_path) as records:
        records.put_questions([new, replace_text(before, records)])
    after = index.table()
    assert [each.id for each in after.rows if each.id not in before.by_id] == ["q9"]
    assert after.rows[after.by_id[before.rows[0].id]].text == "In other words?"
    assert replace(after.rows[after.by_id["q9"]], words="").status == "at work"


def replace_text(table: QuestionTable, records: RunRecords) -> Question:
    question_id = table.rows[0].id
    return records.questions([question_id])[question_id].model_copy(update={"text": "In other words?"})
