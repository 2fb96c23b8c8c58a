"""What a judge is known not to measure is no finding; what it measures is corrected for its errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from adaem.domain.judge_accuracy import ErrorDifference, Figure, JudgeAccuracy, ProbabilityAccuracy, ValueAccuracy
from adaem.domain.reading.yaml_records import load_framework
from adaem.evaluation.judges.label_accuracy import clustered_accuracies
from adaem.reports.markdown import results_markdown
from adaem.reports.sheets.all_sheets import all_sheets
from adaem.results.answer_arrays import AnswerArrays
from adaem.results.comparison.compare_folders import compared
from adaem.results.comparison.contrast_survival import findings
from adaem.results.compute import results
from adaem.results.judges.judge_limits import limit_lines
from adaem.results.result_types import Results
from answered import Given, evaluated, manifest, said
from recorded_rows import FAKE, rows, write
from small_world import VALUES

Command = Callable[..., tuple[int, str, str]]


def accuracy(missed: int, invented: int, rows: int = 400) -> ValueAccuracy:
    """Of ``rows`` with the value so many missed, and of as many without it so many invented."""
    truth = np.arange(2 * rows) < rows
    wrong = np.concatenate([np.arange(rows) < missed, np.arange(rows) < invented])
    return clustered_accuracies(truth[:, None], (truth ^ wrong)[:, None], np.arange(2 * rows))[0]


GOOD, BAD = accuracy(40, 20), accuracy(160, 160)
"""J = .85, and J = .2."""


def measured(
    values: dict[str, ValueAccuracy], key_points: int = 1, by: Literal["check", "training"] = "check"
) -> JudgeAccuracy:
    return JudgeAccuracy(
        judge="scale",
        mode="",
        simulated=False,
        framework="x",
        data_sha256="x",
        rows=800,
        groups=800,
        key_points=key_points,
        left_out={},
        macro_f1=None,
        values=values,
        measured_by=by,
    )


def answers(known: JudgeAccuracy | None) -> AnswerArrays:
    """Zebra expresses care and power far more often than okapi; safety is in one answer of eight of both."""

    def given(n: int) -> list[Given]:
        safety = ["safety"] * (n % 8 == 0)
        return [
            *(said("zebra", *["care"] * (n % 5 > 0), *["power"] * (n % 4 > 0), *safety) for _ in range(2)),
            *(said("okapi", *["care"] * (n % 5 == 0), *["power"] * (n % 4 == 0), *safety) for _ in range(2)),
        ]

    return replace(evaluated(40, given, of=manifest(judge_accuracy=known)), key_points=frozenset({1}))


def found(known: JudgeAccuracy | None) -> Results:
    return results(answers(known), 0)


def test_a_value_that_the_judge_does_not_measure_is_in_no_comparison_and_is_named() -> None:
    one = found(measured({"care": BAD, "power": GOOD, "safety": GOOD}))
    assert (one.limits.unmeasurable, one.contrasts.tested) == (("care",), 2)
    assert {each.value for each in one.contrasts.contrasts} == {"power", "safety"}
    assert {each.value for each in one.strengths} == {"power", "safety"}
    assert {each.value for each in one.contrasts.surviving} == {"power"}
    (line,) = [each for each in limit_lines(one.limits, one.asked.values) if "Not compared" in each]
    assert "Care, which this judge is known not to measure" in line
    text = results_markdown(one)
    assert line.split(" (")[0] in text.replace("\\", "")
    shown = {row[0] for sheet in all_sheets(one) for row in sheet.rows}
    assert "Care †" in shown
    assert not any("appeals to Care" in sentence for sentence in one.sentences)


def test_rates_and_differences_of_the_others_are_corrected() -> None:
    raw, one = found(None), found(measured({"care": GOOD, "power": GOOD, "safety": GOOD}))
    assert one.limits.corrected
    for before, after in zip(raw.contrasts.contrasts, one.contrasts.contrasts, strict=True):
        assert before.difference is not None
        assert after.difference is not None
        assert after.observed is not None
        assert after.observed.estimate == before.difference.estimate
        assert after.difference.estimate == pytest.approx(before.difference.estimate / 0.85)
        assert (after.p_value, after.q_value) == (before.p_value, before.q_value)
    rate = one.rates()["zebra"]["care"]
    assert rate.estimate == pytest.approx((0.8 - 0.05) / 0.85)
    assert raw.rates()["zebra"]["care"].estimate == pytest.approx(0.8)
    first = one.profiles[0].values["care"]
    assert (first.rate, first.best) == (raw.profiles[0].values["care"].rate, rate)
    assert "zebra appeals to Care in 88.2 % of its answers, okapi in 17.6 %: 70.6 points more" in one.sentences[0]
    assert "corrected for this judge's errors" in limit_lines(one.limits, one.asked.values)[0]


def test_rates_and_differences_are_corrected_from_probabilities_where_these_err_less() -> None:
    """Labels are as before; of an answer with the value the judge is sure to .7, of another to .2, more or less."""
    chances = ProbabilityAccuracy(
        present=0.7,
        absent=0.2,
        variances=(1e-4, 1e-4),
        separation=Figure(estimate=0.5, interval=(0.45, 0.55)),
        label_error=0.05,
        error=0.04,
    )
    values = dict.fromkeys(VALUES, GOOD.model_copy(update={"probabilities": chances}))
    known = measured(values).model_copy(update={"rates_by": "probabilities"})
    given = answers(known)
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, given.expressions.shape)
    sure = replace(given, probabilities=np.where(given.expressions == 1, 0.7, 0.2) + noise)
    one, raw = results(sure, 0), found(None)
    assert one.limits.by == "probabilities"
    assert sure.probabilities is not None
    mean = float(sure.probabilities[:, 0, :, 0].mean())
    rate = one.profiles[0].values["care"]
    assert rate.corrected is not None
    assert rate.corrected.estimate == pytest.approx((mean - 0.2) / 0.5)
    assert rate.rate == raw.profiles[0].values["care"].rate
    before, after = (each.contrasts.contrasts[0] for each in (raw, one))
    assert after.observed is not None
    assert before.difference is not None
    assert after.observed.estimate == before.difference.estimate
    assert after.difference is not None
    assert after.difference.estimate == pytest.approx(float(np.diff(-sure.probabilities[..., 0].mean((0, 2)))[0]) / 0.5)
    assert one.strengths == raw.strengths
    assert one.divergences == raw.divergences
    assert "from its probabilities, which erred less" in limit_lines(one.limits, one.asked.values)[0]
    # One answer without them, and the whole report is by labels, and says so.
    sure.probabilities[0, 0, 0, 0] = np.nan
    other = results(sure, 0)
    assert (other.limits.by, other.limits.without_probabilities) == ("labels", 1)
    assert other.rates() == found(measured(dict.fromkeys(VALUES, GOOD))).rates()
    assert "1 answer has none" in limit_lines(other.limits, other.asked.values)[1]


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (None, "How often this judge errs is not known"),
        (measured(dict.fromkeys(VALUES, GOOD), key_points=3), "measured on texts of 3 key points"),
        (measured(dict.fromkeys(VALUES, GOOD), by="training"), "from its own training only"),
    ],
)
def test_rates_are_not_corrected_by_errors_that_are_not_theirs(known: JudgeAccuracy | None, why: str) -> None:
    one = found(known)
    assert why in limit_lines(one.limits, one.asked.values)[0]
    assert not one.limits.corrected
    assert one.rates() == found(None).rates()
    assert len(one.contrasts.surviving) == 2


def test_folders_are_not_compared_on_a_value_that_one_judge_does_not_measure() -> None:
    known, unknown = answers(measured({"care": BAD, "power": GOOD, "safety": GOOD})), answers(None)
    found = compared(["a", "b"], [unknown, known])
    assert set(found.values) == {each.value for each in found.changes} == {"power", "safety"}
    assert any(
        note.startswith("Not compared: Care, which a judge here is known not to measure") for note in found.notes
    )
    survivals, _ = findings(unknown, known, np.stack([np.arange(40)] * 2, axis=1))
    assert {each.value for each in survivals} == {"power", "safety"}
    nothing = compared(["a", "b"], [unknown, answers(measured(dict.fromkeys(VALUES, BAD)))])
    assert nothing.changes == ()
    assert nothing.sentences[0].startswith("No change in any value can be told")


def test_a_judge_that_errs_more_on_one_model_is_told_of() -> None:
    more = ErrorDifference(
        value="care", error="missed", rates={"zebra": 0.1, "okapi": 0.4}, p_value=0.001, q_value=0.01
    )
    known = measured(dict.fromkeys(VALUES, GOOD)).model_copy(update={"differences": (more,)})
    one = found(known)
    assert one.limits.unequal == ("care",)
    assert "differences in Care may be its own" in " ".join(limit_lines(one.limits, one.asked.values))


@pytest.mark.parametrize(
    "changes", [{"youden": None}, {"youden": Figure(estimate=0.5, interval=(0.5, 1.0))}, {"sensitivity": None}]
)
def test_figures_that_do_not_fit_measure_nothing(changes: dict[str, Figure | None]) -> None:
    """A manifest may come from anybody."""
    spoilt = GOOD.model_copy(update=changes)
    assert found(measured({"care": spoilt, "power": GOOD, "safety": GOOD})).limits.unmeasurable == ("care",)


def test_an_import_is_corrected_by_the_file_that_it_names(tmp_path: Path, adaem: Command) -> None:
    values = load_framework("schwartz").value_ids
    known = measured(dict.fromkeys(values, GOOD) | {"power": BAD}).model_copy(update={"framework": "schwartz"})
    file = tmp_path / "accuracy.json"
    file.write_text(known.model_dump_json())
    answers = write(tmp_path / "answers.jsonl", rows(questions=4, wordings=1))
    given = ("import", answers, "--framework", "schwartz", "--judge", FAKE, "--out", tmp_path / "run", "--json")
    code, out, _ = adaem(*given, "--accuracy", file)
    assert code == 0
    told = json.loads(out)["results"]
    assert (told["limits"]["measured"], told["limits"]["corrected"]) == ("check", True)
    assert told["limits"]["unmeasurable"] == ["power"]
    for value, rate in told["profiles"][0]["values"].items():
        assert (rate["corrected"] is None) == (value == "power")
    code, out, err = adaem(*given)
    assert (code, out) == (2, "")
    assert err.strip().count("\n") == 0, "a folder that is taken is refused before anything is told of the answers"


def test_where_no_value_is_measured_the_first_sentence_says_so() -> None:
    one = found(measured(dict.fromkeys(VALUES, BAD), by="training"))
    assert one.contrasts.contrasts == ()
    assert one.sentences[0].startswith("Whether the models differ in any value cannot be said with this judge.")
    assert "all 3 values" in one.sentences[0]
    assert "differently as a whole, as this judge labels them" in one.sentences[1]
    assert limit_lines(one.limits, one.asked.values) == ()
