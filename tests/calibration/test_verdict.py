"""Intervals and verdicts, against hand-computed cases."""

from math import inf

import pytest
from adaem.calibration.verdict import (
    Measurement,
    Verdict,
    judge,
    line,
    mean_of,
    median_of,
    several,
    share_of,
    worst,
    worst_line,
)


def measured(low: float, high: float) -> Measurement:
    return Measurement(estimate=(low + high) / 2, interval=(low, high), draws=10)


def test_a_mean_has_a_t_interval() -> None:
    found = mean_of([0.0, 2.0])  # standard error 1, t with one degree of freedom at 99.5 %: 63.657
    assert found.estimate == 1.0
    assert found.interval == pytest.approx((1 - 63.657, 1 + 63.657), rel=1e-4)
    assert mean_of([3.0]).interval is None


def test_a_share_has_an_exact_interval() -> None:
    none = share_of(0, 10)
    assert none.interval == pytest.approx((0.0, 1 - 0.005**0.1))
    every = share_of(10, 10)
    assert every.interval == pytest.approx((0.005**0.1, 1.0))
    low, high = share_of(5, 10).interval or (0, 0)
    assert low == pytest.approx(1 - high)


def test_a_median_lies_between_order_statistics() -> None:
    assert median_of(range(1, 8)).interval is None  # 2 / 2**7 > 1 %
    assert median_of(range(1, 9)).interval == (1, 8)  # 2 / 2**8 < 1 %
    assert median_of(range(1, 13)).interval == (2, 11)  # 2 (1 + 12) / 2**12 < 1 %
    assert median_of([3.0, 1.0, 2.0]).estimate == 2.0


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.1, 0.9), Verdict.HOLDS),
        ((-0.1, 0.5), Verdict.CANNOT_TELL),
        ((-0.5, 1.5), Verdict.CANNOT_TELL),
        ((1.1, 1.5), Verdict.FALLS_SHORT),
        ((-0.5, -0.1), Verdict.FALLS_SHORT),
    ],
)
def test_a_verdict_needs_the_whole_interval(interval: tuple[float, float], verdict: Verdict) -> None:
    assert judge(measured(*interval), within=(0.0, 1.0)) is verdict


def test_failure_may_begin_elsewhere_than_where_holding_ends() -> None:
    bounds = {"within": (0.0, 0.07), "beyond": (0.0, 0.05)}
    assert judge(measured(0.04, 0.06), **bounds) is Verdict.HOLDS
    assert judge(measured(0.04, 0.08), **bounds) is Verdict.CANNOT_TELL
    assert judge(measured(0.055, 0.08), **bounds) is Verdict.FALLS_SHORT


def test_too_few_draws_settle_nothing() -> None:
    assert judge(mean_of([0.5]), within=(-inf, inf)) is Verdict.CANNOT_TELL


def test_without_a_mark_a_number_is_only_reported() -> None:
    assert line("part", "what", measured(5, 6)).verdict is Verdict.REPORTED


def test_the_worst_verdict_counts() -> None:
    assert worst([Verdict.HOLDS, Verdict.CANNOT_TELL]) is Verdict.CANNOT_TELL
    assert worst([Verdict.CANNOT_TELL, Verdict.FALLS_SHORT, Verdict.HOLDS]) is Verdict.FALLS_SHORT
    assert worst([Verdict.HOLDS]) is Verdict.HOLDS


def test_a_line_of_several_shows_the_worst_of_them() -> None:
    found = [("near", measured(0.4, 0.6)), ("far", measured(0.9, 1.2)), ("farther", measured(0.9, 1.3))]
    shown = worst_line("part", "what", found, "in 0 to 1", within=(0.0, 1.0))
    assert shown.verdict is Verdict.CANNOT_TELL
    assert shown.note == "the worst of 3: farther"


def test_a_one_sided_line_shows_what_reaches_lowest() -> None:
    found = [("safe", measured(1.1, 9.0)), ("close", measured(0.95, 1.1))]
    shown = worst_line("part", "what", found, "above 0.9", within=(0.9, inf))
    assert (shown.verdict, shown.note) == (Verdict.HOLDS, "the worst of 2: close")


def test_several_intervals_share_the_level() -> None:
    assert several(5) == pytest.approx(0.998)
