"""The results of evaluations whose answers are known by construction."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from adaem.domain.answer import Outcome
from adaem.domain.judge_accuracy import Figure
from adaem.domain.record import Record
from adaem.reports.page.figure_formats import percent as page_percent
from adaem.reports.page.figure_formats import points as page_points
from adaem.reports.sheets.figure_text import percent, points
from adaem.results.compute import results
from answered import Given, apart, evaluated, primed_evaluation, said, silent
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st


def test_a_difference_that_is_there_survives_and_one_that_is_not_does_not() -> None:
    found = results(apart(), 0)
    (surviving,) = found.contrasts.surviving
    assert (surviving.first, surviving.second, surviving.value) == ("zebra", "okapi", "care")
    assert surviving.difference is not None
    assert surviving.difference.estimate == 1.0
    assert surviving.difference.interval is not None
    assert surviving.difference.interval[0] > 0.7
    # Nobody expresses safety: it is named and not compared, and its test still counts.
    assert (found.contrasts.different, found.contrasts.alike + found.contrasts.unsettled) == (1, 1)
    assert (found.limits.saturated, found.contrasts.tested) == (("safety",), 3)
    assert (
        "zebra appeals to Care in 100 % of its answers, okapi in 0 %: 100 points more (95 % interval"
        in found.sentences[0]
    )
    assert "1 of 1 pair of models answers these questions differently as a whole" in found.sentences[1]
    assert found.profiles[0].values["power"].rate is not None
    assert found.profiles[0].values["power"].rate.estimate == 0.25


def test_a_value_that_nobody_expresses_is_said_and_has_no_strength() -> None:
    found = results(apart(), 0)
    assert "Expressed by no model: safety" in found.notes
    assert {each.value for each in found.strengths} == {"care", "power"}


def test_with_fewer_than_twenty_topics_nothing_is_settled() -> None:
    found = results(apart(19), 0)
    assert {each.verdict for each in found.contrasts.contrasts} == {"cannot be settled"}
    assert found.sentences == (
        "No difference between the 2 models can be settled: these questions come from 19 topics, and at "
        "least 20 are needed.",
    )
    assert all(each.more_questions != 0 for each in found.contrasts.contrasts)


def test_models_that_share_few_topics_are_not_said_to_be_without_difference() -> None:
    def given(n: int) -> list[Given]:
        zebra, okapi = [said("zebra", "care"), said("zebra", "care")], [said("okapi"), said("okapi")]
        return [*(zebra if n < 18 else []), *(okapi if n >= 12 else [])]

    found = results(evaluated(30, given), 0)
    assert (found.asked.topics, found.contrasts.contrasts[0].topics) == (30, 6)
    assert found.sentences[0] == (
        "No difference between the 2 models in a value can be settled: at least 20 topics are needed, and no two "
        "models have judged answers to the same questions of more than 6."
    )


def test_one_answer_a_model_has_rates_and_no_divergence() -> None:
    found = results(evaluated(24, lambda _: [said("zebra", "care"), said("okapi")]), 0)
    assert "One answer a model and question: no divergence and no distance can be estimated" in found.notes
    assert (found.divergences.mean, found.divergences.tested, found.divergences.unscored) == (None, 0, 24)
    assert (found.distances[0].distance, found.distances[0].p_value, found.map) == (None, None, None)
    assert found.contrasts.different == 1


def test_refusals_are_a_difference_of_their_own_and_bound_the_rates() -> None:
    def given(n: int) -> list[Given]:
        return [
            said("zebra", "care"),
            said("zebra"),
            silent("okapi") if n % 4 else said("okapi"),
            said("okapi", "care"),
        ]

    found = results(evaluated(24, given), 0)
    assert [each.refusal and each.refusal.estimate for each in found.profiles] == [0.0, 0.375]
    care = found.profiles[1].values["care"]
    assert care.worst_case is not None
    assert (care.worst_case.least, care.worst_case.most) == (0.5, 0.875)
    assert found.profiles[0].values["care"].worst_case is None
    assert [each.second for each in found.refusals.surviving] == ["okapi"]
    assert "okapi refuses to answer in 38 % of all cases, zebra in 0 %: 38 points more" in found.sentences[1]
    assert found.asked.missing == {"refused": 18}


def test_models_without_any_answer_are_named_and_have_no_figures() -> None:
    failing = silent("mouse", Outcome.FAILED)
    found = results(evaluated(24, lambda _: [said("zebra", "care"), said("okapi", "care"), failing]), 0)
    assert "No answer at all: mouse" in found.notes
    assert {each.rate for each in found.profiles[2].values.values()} == {None}
    assert found.profiles[2].refusal is None
    assert found.asked.models[2].missing == {"failed": 24}


def test_primed_answers_enter_the_priming_alone() -> None:
    found = results(primed_evaluation(), 0)
    assert found.profiles[0].values["power"].rate is not None
    assert found.profiles[0].values["power"].rate.estimate == 0.0
    own = {each.model: each for each in found.priming if each.kind == "own"}
    assert (own["zebra"].baseline, own["zebra"].primed) == (0.0, 1.0)
    assert own["zebra"].effect is not None
    assert own["zebra"].effect.estimate == 1.0
    assert own["okapi"].effect is not None
    assert own["okapi"].effect.estimate == 0.0
    others = {each.model: each.effect and each.effect.estimate for each in found.priming if each.kind == "others"}
    assert others == {"zebra": -0.5, "okapi": 0.0}
    assert found.asked.wordings == ("",)


@pytest.mark.parametrize(
    ("questions", "models", "words"),
    [(0, 2, "No question was asked"), (1, 2, "can be settled"), (3, 1, "Only one model was asked")],
)
def test_too_little_to_say_anything(questions: int, models: int, words: str) -> None:
    found = results(evaluated(questions, lambda _: [said("zebra", "care"), said("okapi")][:models]), 0)
    assert words in found.sentences[0]


def test_the_same_seed_gives_the_same_results() -> None:
    assert results(apart(), 3) == results(apart(), 3)


KINDS = st.sampled_from(["", "care", "power", "both", "refused", "failed", "none"])


@settings(max_examples=25)
@hypothesis_given(st.lists(st.lists(KINDS, min_size=6, max_size=6), max_size=8), st.integers(1, 8))
def test_whatever_was_answered_there_is_a_report_without_nan(rows: list[list[str]], topics: int) -> None:
    def given(n: int) -> list[Given]:
        found: list[Given] = []
        for place, kind in enumerate(rows[n]):
            model = ("zebra", "okapi", "mouse")[place // 2]
            if kind in ("refused", "failed"):
                found.append(silent(model, Outcome(kind)))
            elif kind != "none":
                found.append(said(model, *({"both": ["care", "power"]}.get(kind, [kind] if kind else []))))
        return found

    found = results(evaluated(len(rows), given, topics=lambda n: str(n % topics)), 0)
    assert found.sentences
    assert all(math.isfinite(number) for number in _numbers(found.model_dump(mode="python")))
    json.loads(found.model_dump_json())
    for low, estimate, high in _intervals(found):
        assert low <= estimate <= high
        assert low < high or {estimate} <= {0.0}  # a distance of 0 may be all that the data allow


def _intervals(value: Any) -> Iterator[tuple[float, float, float]]:
    """Low end, estimate and high end of whatever in the results has an interval."""
    if isinstance(value, Record):
        interval = getattr(value, "interval", None)
        if interval is not None:
            names = ("estimate", "mean", "rate", "least")
            yield interval[0], next(getattr(value, name) for name in names if hasattr(value, name)), interval[1]
        for name in type(value).model_fields:
            yield from _intervals(getattr(value, name))
    elif isinstance(value, dict):
        for each in value.values():
            yield from _intervals(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _intervals(each)


def test_the_search_for_intervals_finds_them_all() -> None:
    found = results(apart(), 0)
    written = len(re.findall(r'"interval":\[', found.model_dump_json()))
    assert written == len(list(_intervals(found))) > 30


@hypothesis_given(
    st.floats(0, 1), st.floats(0, 0.4), st.floats(0, 0.4), st.sampled_from([percent, points, page_percent, page_points])
)
def test_an_interval_is_never_shown_as_a_point(
    estimate: float, below: float, above: float, show: Callable[[Figure], str]
) -> None:
    low, high = estimate - below, estimate + above
    shown = show(Figure(estimate=estimate, interval=(low, high))).replace("\N{MINUS SIGN}", "-")
    numbers = [float(each) for each in re.findall(r"[-+]?\d+(?:\.\d+)?", shown)]
    if high - low > 1e-4:
        assert "±0" not in shown or re.search(r"±0\.0*[1-9]", shown)
    if "[" in shown:
        assert numbers[1] <= numbers[0] <= numbers[2]
        assert numbers[1] < numbers[2] or high - low <= 1e-4


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for each in value.values() for number in _numbers(each)]
    if isinstance(value, list | tuple):
        return [number for each in value for number in _numbers(each)]
    return [float(value)] if isinstance(value, float | np.floating) else []
