"""A difference in words: the rates and their difference agree as they are written, or it is said why not."""

from __future__ import annotations

import pytest
from adaem.domain.judge_accuracy import Figure
from adaem.results.models.difference_phrases import literal, points_apart, rate_difference

VERB = "appeals to Security in {} of its answers"


def figure(estimate: float, *interval: float) -> Figure:
    return Figure(estimate=estimate, interval=(interval[0], interval[1]) if interval else None)


@pytest.mark.parametrize(
    ("rates", "difference", "expected"),
    [
        ((0.62, 0.41), figure(0.21, 0.12, 0.3), "62 % …, b in 41 %: 21 points more (95 % interval 12 to 30)"),
        ((0.4, 0.6), figure(-0.2, -0.3, -0.1), "40 % …, b in 60 %: 20 points less (95 % interval 10 to 30)"),
        ((0.676, 0.214), figure(0.462, 0.3, 0.6), "67.6 % …, b in 21.4 %: 46.2 points more"),
        ((0.62, 0.41), figure(0.25), "62 % …, b in 41 %: 25 points more on the questions that both answered"),
        ((0.03, 0.01), figure(0.02, 0.01, 0.04), "3.0 % …, b in 1.0 %: 2.0 points more (95 % interval 1.0"),
    ],
    ids=["more", "less", "rounding", "other questions", "small"],
)
def test_what_is_written_adds_up(rates: tuple[float, float], difference: Figure, expected: str) -> None:
    assert expected in rate_difference("a", "shows Security in {} …", rates[0], "b", rates[1], difference)


def test_without_rates_the_difference_stands_alone() -> None:
    phrase = rate_difference("a", VERB, None, "b", 0.4, figure(0.21, 0.12, 0.30))
    assert phrase == "a appeals to Security in more of its answers than b: 21 points more (95 % interval 12 to 30)"


def test_braces_in_a_name_hold_no_place() -> None:
    verb = f"appeals to {literal('{0}{x}')} in {{}} of its answers"
    assert "appeals to {0}{x} in 62 % of" in rate_difference("{a}", verb, 0.62, "{b}", 0.41, figure(0.21))


def test_no_rounded_difference_is_a_negative_zero() -> None:
    assert points_apart(figure(1e-9, -1e-9, 1e-9)) == "0 points more (95 % interval 0 to 0)"
