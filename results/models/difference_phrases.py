"""A difference of two rates in words that anybody can read: who does what how often, by how much, how sure."""

from __future__ import annotations

from ...domain.judge_accuracy import Figure
from ...evaluation.models.contrasts import LEVEL

RATE = f"false discovery rate {100 * LEVEL:.0f} %"

FINER_BELOW = 0.05
"""A smaller difference is written with a decimal."""


def rate_difference(
    first: str, verb: str, first_rate: float | None, second: str, second_rate: float | None, difference: Figure
) -> str:
    """ "a appeals to Security in 62 % of its answers, b in 41 %: 21 points more (95 % interval 12 to 30)".

    ``verb`` holds a place for the first rate: "appeals to Security in {} of its answers". ``difference`` is first minus
    second; where a model lacks answers it is on other questions than the rates, which then need not differ by it.
    """
    least = 0 if abs(difference.estimate) >= FINER_BELOW else 1
    if first_rate is None or second_rate is None:
        return f"{first} {verb.format('more')} than {second}: {points_apart(difference, least)}"
    rates = (100 * first_rate, 100 * second_rate)
    apart = 100 * difference.estimate
    agreeing = [digits for digits in (0, 1) if digits >= least and _agree(*rates, apart, digits)]
    digits, where = (agreeing[0], "") if agreeing else (least, " on the questions that both answered")
    written = [f"{rate:z.{digits}f} %" for rate in rates]
    preposition = "in " if " in {}" in verb else ""
    rates_in_words = f"{first} {verb.format(written[0])}, {second} {preposition}{written[1]}"
    return f"{rates_in_words}: {points_apart(difference, digits, where)}"


def literal(text: str) -> str:
    """``text`` as a part of a ``verb``: braces of a hostile name hold no place."""
    return text.replace("{", "{{").replace("}", "}}")


def points_apart(difference: Figure, digits: int = 0, where: str = "") -> str:
    """ "21 points more (95 % interval 12 to 30)", or so many less; the interval lies on the same side of 0."""
    sign = -1 if difference.estimate < 0 else 1
    words = f"{100 * abs(difference.estimate):z.{digits}f} points {'less' if sign < 0 else 'more'}{where}"
    if difference.interval is None:
        return words
    low, high = sorted(100 * sign * end for end in difference.interval)
    return f"{words} (95 % interval {low:z.{digits}f} to {high:z.{digits}f})"


def _agree(first: float, second: float, apart: float, digits: int) -> bool:
    """Whether the rates, as they are written, differ by what is written as their difference."""
    return abs(round(first, digits) - round(second, digits) - round(apart, digits)) < 10.0**-digits / 2
