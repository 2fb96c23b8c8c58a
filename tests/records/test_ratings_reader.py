"""Ratings as they come, and every way in which a row can be wrong; the folder that they are kept in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.errors import FileError
from adaem.domain.reading.yaml_records import load_framework
from adaem.records.ratings_folder import RatingsFile, load_ratings, write_ratings
from adaem.records.recorded_ratings import MOST_TAGS, Rating, RecordedRatings, outcomes, read_ratings

ROWS: list[dict[str, Any]] = [
    {"question_id": "q1", "model": "okapi", "value": "Order", "agreement": 1, "rating": 10},
    {"question_id": "q1", "model": "zebra", "value": "Order", "agreement": 1, "rating": "2.5"},
    {"question_id": "q2", "model": "okapi", "value": "Calm", "agreement": -1, "rating": None},
    {"question_id": "q2", "model": "zebra", "value": "Calm", "agreement": -1, "rating": 0},
    {"question_id": "q3", "model": "okapi", "value": None, "agreement": 1, "rating": 7},
]


def read(
    folder: Path, rows: list[dict[str, Any]], columns: dict[str, str] | None = None, **more: Any
) -> RecordedRatings:
    path = folder / "ratings.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return read_ratings(path, "rating", columns or {}, **more)


def test_values_keying_and_scale_are_those_of_the_file(tmp_path: Path) -> None:
    recorded = read(tmp_path, ROWS)
    assert recorded.source.values == {"Order": "Order", "Calm": "Calm"}
    assert recorded.source.scale == (0.0, 10.0)
    assert [(item.id, item.value, item.keyed, item.topic) for item in recorded.items] == [
        ("q1", 0, 1, "q1"),
        ("q2", 1, -1, "q2"),
        ("q3", None, 1, "q3"),
    ]
    assert [dict(each) for each in outcomes(recorded)] == [{"rated": 1, "no rating": 1, "no value": 1}, {"rated": 2}]


def test_tags_are_held_to_the_framework_that_is_named(tmp_path: Path) -> None:
    rows = [{**row, "value": "SECURITY"} for row in ROWS]
    recorded = read(tmp_path, rows, framework=load_framework("schwartz"))
    names = list(recorded.source.values)
    assert len(names) == 10
    assert {names[item.value] for item in recorded.items if item.value is not None} == {"security"}


def changed(number: int, **cells: Any) -> list[dict[str, Any]]:
    return [{**row, **(cells if place == number else {})} for place, row in enumerate(ROWS)]


@pytest.mark.parametrize(
    ("rows", "more", "told"),
    [
        (changed(1, rating="high"), {}, "line 2: the rating 'high' is not a number"),
        (changed(1, rating=True), {}, "line 2: the rating True is not a number"),
        (changed(1, rating="inf"), {}, "line 2: the rating 'inf' is not a number"),
        (ROWS, {"scale": (1.0, 7.0)}, "line 1: the rating 10 lies outside the scale from 1 to 7"),
        (ROWS, {"framework": load_framework("schwartz")}, "line 1: the value 'Order' is none of the framework"),
        (ROWS[::2], {}, "line 1: all ratings are of one model, 'okapi' — give two models"),
        ([*ROWS, ROWS[0]], {}, "line 6: question 'q1', model 'okapi' is a duplicate of line 1"),
        (changed(1, value="Calm"), {}, "line 2: the value of question 'q1' is 'Calm' here and 'Order' in line 1"),
        (changed(3, agreement=1), {}, "line 4: the keying of question 'q2' is 1 here and -1 in line 3"),
        (changed(0, agreement=0.8), {}, "line 1: the column 'agreement' holds 0.8, which is not 1 or -1"),
        (changed(0, model=" "), {}, "line 1: the model is empty"),
        ([{"question_id": "q1", "model": "okapi", "rating": 1}], {}, "line 1: missing: value; present:"),
        ([{**row, "rating": 3} for row in ROWS], {}, "every rating is 3 — state the scale"),
        ([{**row, "rating": ""} for row in ROWS], {}, "every cell of the column is empty"),
        ([{**row, "value": "NA"} for row in ROWS], {}, "no row has a rating of an item with a value"),
        ([], {}, "holds no ratings"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_place(
    tmp_path: Path, rows: list[dict[str, Any]], more: dict[str, Any], told: str
) -> None:
    with pytest.raises(FileError) as error:
        read(tmp_path, rows, **more)
    assert told in str(error.value)
    assert " — " in str(error.value)
    assert "\n" not in str(error.value)


def test_a_column_of_texts_is_no_column_of_values(tmp_path: Path) -> None:
    rows = [{**ROWS[0], "question_id": str(n), "model": str(n), "value": f"text {n}"} for n in range(MOST_TAGS + 1)]
    rows[0]["rating"] = 0
    with pytest.raises(FileError, match="1,001 values are too many"):
        read(tmp_path, rows)
    with pytest.raises(FileError, match="models on 900 values make"):
        read(tmp_path, rows[:900])


def test_a_folder_gives_back_what_was_kept_and_refuses_what_does_not_fit(tmp_path: Path) -> None:
    recorded = read(tmp_path, ROWS)
    content = RatingsFile(
        run_id="r",
        adaem_version="0",
        created_at="2026-11-30T00:00:00",
        source=recorded.source,
        items=recorded.items,
        ratings=recorded.ratings,
    )
    write_ratings(tmp_path, content)
    assert load_ratings(tmp_path) == content
    outside = Rating(item=0, model=0, rating=11)
    for damage in ({"items": content.items[:1]}, {"ratings": (*content.ratings, outside)}):
        write_ratings(tmp_path, content.model_copy(update=damage))
        with pytest.raises(FileError, match="is damaged"):
            load_ratings(tmp_path)
