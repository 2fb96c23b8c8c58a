"""Answers as arrays, from a hand-made list and from every kind of folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from adaem.domain.answer import Outcome
from adaem.records import RunFolder, RunRecords
from adaem.results.answer_arrays import load_answer_arrays
from adaem.results.compute import folder_results, results
from answered import Given, evaluated, primed_evaluation, said, silent
from growing import grow

Command = Callable[..., tuple[int, str, str]]


def test_every_answer_has_its_place_and_what_is_missing_is_no_zero() -> None:
    found = evaluated(
        2,
        lambda n: [
            [said("zebra", "care"), said("zebra"), said("okapi", "power", "care")],
            [silent("zebra"), silent("okapi", Outcome.FILTERED), silent("mouse", Outcome.FAILED)],
        ][n],
        topics=lambda _: "same",
    )
    assert (found.models, found.seen) == (("zebra", "okapi", "mouse"), (True, True, False))
    assert found.expressions.shape == (2, 3, 2, 3)
    assert found.expressions[0, 0].tolist() == [[1, 0, 0], [0, 0, 0]]
    assert found.expressions[0, 1, 0].tolist() == [1, 1, 0]
    assert np.isnan(found.expressions).all(axis=3).sum() == 12 - 3
    assert found.answered.sum(axis=(0, 2)).tolist() == [2, 1, 0]
    assert found.refused.sum(axis=(0, 2)).tolist() == [1, 1, 0]
    assert found.asked.sum(axis=(0, 2)).tolist() == [3, 2, 1]
    assert (found.wording == -1).sum() == 12 - 6
    assert [dict(each) for each in found.outcomes] == [
        {"answered": 2, "refused": 1},
        {"answered": 1, "filtered": 1},
        {"failed": 1},
    ]
    assert found.topics.tolist() == [0, 0]


def test_slots_of_one_question_line_up_by_wording() -> None:
    found = evaluated(
        1,
        lambda _: [said("zebra", "care", wording="b"), said("okapi", wording="a"), said("okapi", "care", wording="b")],
    )
    assert found.wordings == ("a", "b")
    assert found.wording[0].tolist() == [[-1, 1], [0, 1]]


def test_primed_answers_stand_apart() -> None:
    found = primed_evaluation()
    assert found.primes == {"power": 1}
    assert found.seen == (False, True)
    assert found.plain().answered.sum() == 40
    assert found.only([1]).answered.sum() == 20
    assert np.isnan(found.plain().expressions[~found.plain().answered]).all()


@pytest.mark.parametrize("which", ["grown", "seeds"])
def test_a_run_becomes_arrays(small_run: RunFolder, which: str) -> None:
    found = load_answer_arrays(small_run, which=which)  # type: ignore[arg-type]
    with RunRecords(small_run.records_path, read_only=True) as records:
        ids = records.ids(f"evaluated_{which}")
    assert tuple(question.id for question in found.questions) == ids
    assert len(ids) >= 2
    assert set(found.seen) == {True, False}
    counted = sum(found.outcomes[0].values())
    assert counted == found.asked[:, 0].sum()
    assert found.answered.sum() == sum(each["answered"] for each in found.outcomes)


def test_the_verb_on_a_run(small_run: RunFolder, tmp_path: Path, adaem: Command) -> None:
    code, short, err = adaem("report", small_run.path)
    assert (code, err) == (0, "")
    assert "simulated models can be settled" in " ".join(short.split())
    code, full, _ = adaem("report", small_run.path, "--full", "--md", tmp_path / "report.md")
    assert code == 0
    assert full.startswith(short[:500])
    assert "Relative strength" in full
    assert (tmp_path / "report.md").read_text(encoding="utf-8").startswith("# How the models differ\n\n**SIMULATED")
    told = json.loads(adaem("report", small_run.path, "--json")[1])
    assert told["results"]["asked"]["kind"] == "run"
    code, _, err = adaem("report", small_run.path, "--md", tmp_path / "no" / "report.md")
    assert code == 2
    assert "cannot be written" in err


def test_a_run_that_was_not_evaluated_says_so(tmp_path: Path) -> None:
    folder, _ = grow(tmp_path / "run", budget__evaluate_share=0.0, budget__rounds=1, questions=2)
    found = folder_results(folder)
    assert found.sentences == ("No question was asked: nothing can be said of these models.",)
    assert (found.asked.questions, found.profiles, found.map) == (0, (), None)


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return grow(tmp_path_factory.mktemp("results") / "run")[0]


def test_where_every_answer_is_degenerate_the_sentence_says_what_helps() -> None:
    def given(_: int) -> list[Given]:
        return [silent("zebra", Outcome.DEGENERATE), silent("okapi", Outcome.DEGENERATE), silent("okapi")]

    (sentence,) = results(evaluated(20, given), 0).sentences
    assert sentence.startswith(
        "No answer was judged: nothing can be said of these models. 40 of 60 answers are degenerate"
    )
    assert "the cheapest remedy is a larger model" in sentence
