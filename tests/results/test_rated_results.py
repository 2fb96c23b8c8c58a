"""What imported ratings come to, from the file to the three reports of its folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from adaem.domain.errors import InputError
from adaem.records.ratings_folder import load_ratings
from adaem.results.models.rated_results import rated_results, score_arrays

Command = Callable[..., tuple[int, str, str]]


def rows() -> list[dict[str, Any]]:
    """24 items of Order, each second one keyed against it, and 6 of Calm; okapi holds Order, zebra does not."""
    rng = np.random.default_rng(0)
    found = []
    for item in range(30):
        against = item % 2 == 1
        for model, likes in (("okapi", True), ("zebra", False)):
            rating = int(rng.integers(5, 8)) if likes != against else int(rng.integers(1, 4))
            value = "Order" if item < 24 else "Calm"
            found.append({"id": item, "model": model, "trait": value, "keyed": "-" if against else "+", "r": rating})
    return found


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    path = tmp_path / "ratings.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8")
    return path


@pytest.fixture
def folder(ratings: Path, adaem: Command) -> Path:
    out = ratings.parent / "run"
    arguments = ["--ratings", "r", "--scale", "1", "7", "--map", "question_id=id", "--map", "value=trait"]
    code, said, problem = adaem("import", ratings, *arguments, "--out", out)
    assert (code, problem) == (0, "")
    assert "okapi scores" in said
    return out


def test_scores_are_shares_of_the_scale_turned_round_where_the_item_is(folder: Path) -> None:
    scores, values, _ = score_arrays(load_ratings(folder).recorded)
    okapi = [row for row in rows() if row["model"] == "okapi"]
    expected = [(row["r"] - 1) / 6 if row["keyed"] == "+" else 1 - (row["r"] - 1) / 6 for row in okapi]
    np.testing.assert_allclose(scores[:, 0], expected)
    assert values.tolist() == [0] * 24 + [1] * 6
    results = rated_results(load_ratings(folder), "run")
    rate = results.profiles[0].values["Order"].rate
    assert rate is not None
    assert rate.estimate == pytest.approx(np.mean(expected[:24]))
    assert [(each.value, each.verdict) for each in results.contrasts.contrasts] == [
        ("Order", "different"),
        ("Calm", "cannot be settled"),
    ]
    assert results.contrasts.tested == 1


def test_ratings_that_settle_nothing_are_inconclusive(tmp_path: Path, adaem: Command) -> None:
    noise = np.random.default_rng(1)
    same = [{**row, "r": int(noise.integers(1, 8))} for row in rows()]
    file = tmp_path / "same.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in same), encoding="utf-8")
    given = ["--ratings", "r", "--scale", "1", "7", "--map", "question_id=id", "--map", "value=trait"]
    assert adaem("import", file, *given, "--out", tmp_path / "run")[0] == 0
    (sentence,) = rated_results(load_ratings(tmp_path / "run"), "run").sentences
    assert sentence.startswith("No significant difference between the 2 models (1 comparison")
    assert sentence.endswith("0 show no difference larger than 5 points; 2 are inconclusive.")


def test_the_folder_is_shown_in_each_form_and_by_report_alone(folder: Path, adaem: Command) -> None:
    markdown = folder.parent / "report.md"
    code, out, _ = adaem("report", folder, "--json", "--md", markdown)
    assert code == 0
    assert json.loads(out)["contrasts"]["different"] == 1
    assert "| Order | 24 |" in markdown.read_text(encoding="utf-8")
    code, _, problem = adaem("trace", folder)
    assert (code, "'adaem report' alone shows" in problem) == (2, True)
    code, _, problem = adaem("report", folder, "--html", folder.parent / "page.html")
    assert (code, "no page of imported ratings" in problem) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--ratings", "r", "--judge", "judge.npz"], "ratings need no --judge"),
        (["--ratings", "r", "--accuracy", "none.json"], "ratings need no --accuracy"),
        (["--ratings", "r", "--map", "answer=text"], "not of the form name=column"),
        (["--ratings", "rating"], "missing: question_id, rating, value"),
        (["--scale", "1", "7", "--framework", "schwartz"], "answers have no scale"),
        ([], "no value theory to judge by"),
    ],
)
def test_options_that_do_not_fit_are_one_line(ratings: Path, adaem: Command, arguments: list[str], told: str) -> None:
    code, out, problem = adaem("import", ratings, *arguments, "--out", ratings.parent / "none")
    assert (code, out, len(problem.splitlines())) == (InputError.exit_code, "", 1)
    assert told in problem
    assert not (ratings.parent / "none").exists()
