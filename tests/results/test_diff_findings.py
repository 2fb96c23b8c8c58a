"""What becomes of a finding from one folder to another, on evaluations made by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from adaem.evaluation.models.contrasts import ALIKE, DIFFERENT, UNSETTLED
from adaem.results.answer_arrays import AnswerArrays
from adaem.results.comparison.contrast_survival import became, findings
from answered import apart, evaluated, said

ALL = np.column_stack([np.arange(24)] * 2)


def told(first: AnswerArrays, second: AnswerArrays, rows: np.ndarray = ALL) -> dict[tuple[str, str, str], str]:
    found, _ = findings(first, second, rows)
    return {(each.model, each.other, each.value): each.became for each in found}


def together(topics: int = 24) -> AnswerArrays:
    """Zebra and okapi both express care every other time, and on power as in ``apart``."""

    def given(n: int) -> list:  # type: ignore[type-arg]
        values = ["care", "power"] if n % 2 else []
        return [said(model, *values) for model in ("zebra", "okapi") for _ in range(2)]

    return evaluated(topics, given)


@pytest.mark.parametrize(
    ("first", "second", "same_way", "gone", "expected"),
    [
        (DIFFERENT, DIFFERENT, True, False, "survives"),
        (DIFFERENT, DIFFERENT, True, True, "survives"),
        (DIFFERENT, DIFFERENT, False, True, "reversed"),
        (DIFFERENT, UNSETTLED, True, False, "open"),
        (DIFFERENT, UNSETTLED, True, True, "lost"),
        (DIFFERENT, ALIKE, True, True, "lost"),
        (DIFFERENT, ALIKE, True, False, "open"),
        (UNSETTLED, DIFFERENT, True, False, "new"),
        (UNSETTLED, ALIKE, True, True, "none"),
    ],
)
def test_each_case(first: str, second: str, same_way: bool, gone: bool, expected: str) -> None:
    assert became(first, second, same_way=same_way, gone=gone) == expected


def at_random(rng: np.random.Generator, topics: int = 60) -> AnswerArrays:
    """Three models with small differences on a rare value, drawn anew: nothing changes from one draw to another."""
    rates = {"zebra": 0.08, "okapi": 0.02, "mouse": 0.05}

    def given(_: int) -> list:  # type: ignore[type-arg]
        return [
            said(model, *(["care"] if rng.random() < rate else [])) for model, rate in rates.items() for _ in range(5)
        ]

    return evaluated(topics, given)


@pytest.mark.slow
def test_chance_alone_loses_no_finding() -> None:
    """Of 40 pairs of draws from the same models: findings are left open, and none is called lost."""
    rng = np.random.default_rng(5)
    counted = Counter(
        became
        for _ in range(40)
        for became in told(at_random(rng), at_random(rng), np.column_stack([np.arange(60)] * 2)).values()
    )
    assert counted["open"] >= 5, "without such findings the test would show nothing"
    assert counted["lost"] + counted["reversed"] == 0


def test_a_finding_that_grew_is_not_lost() -> None:
    """Of few topics the second settles nothing, and yet it shows more than the first."""
    half = evaluated(24, lambda n: [*[said("zebra", *["care"] * (n % 2))] * 2, *[said("okapi")] * 2])
    found = told(half, apart(12), ALL[:12])
    assert found["zebra", "okapi", "care"] == "open"


def test_the_same_answers_survive_with_the_very_same_figures() -> None:
    found, paired = findings(apart(), apart(), ALL)
    assert paired
    assert all(each.alike for each in found)
    assert {each.became for each in found if each.value == "care"} == {"survives"}
    assert {each.became for each in found if each.value != "care"} == {"none"}
    assert not any(each.change_shown for each in found)


def test_a_difference_that_is_gone_is_lost_and_one_that_came_is_new() -> None:
    assert told(apart(), together())["zebra", "okapi", "care"] == "lost"
    assert told(together(), apart())["zebra", "okapi", "care"] == "new"


def test_too_few_topics_leave_a_finding_open_unless_the_change_is_shown() -> None:
    few = apart(8)
    found, paired = findings(apart(), few, ALL[:8])
    assert paired, "all questions of the smaller one are in both"
    (care,) = [each for each in found if each.value == "care"]
    assert care.became == "open"
    assert care.second is not None
    assert care.second.estimate == pytest.approx(1.0)
    assert care.second_verdict == UNSETTLED


def test_without_shared_questions_the_two_are_taken_as_independent() -> None:
    found, paired = findings(apart(), together(), np.zeros((0, 2), dtype=np.int64))
    assert not paired
    (care,) = [each for each in found if each.value == "care"]
    assert care.became == "lost"
    assert care.change is not None
    assert care.change.estimate == pytest.approx(-1.0)


def test_the_order_of_models_and_questions_does_not_matter() -> None:
    first = apart()

    def turned(n: int) -> list:  # type: ignore[type-arg]
        m = 23 - n
        power = ["power"] * (m % 2)
        return [*[said("okapi", *power)] * 2, *[said("zebra", "care", *power)] * 2]

    second = evaluated(24, turned, topics=lambda n: str(23 - n))
    rows = np.column_stack([np.arange(24), np.arange(24)[::-1]])
    assert told(first, second, rows) == told(first, first)


def test_nobody_in_common_gives_no_finding() -> None:
    lonely = evaluated(24, lambda _: [said("mouse", "care")] * 2)
    assert findings(apart(), lonely, ALL)[0] == ()
