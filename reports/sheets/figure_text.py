"""Figures as text, the same in every table: the interval beside each, a dash where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...domain.evidence import FEWEST_TOPICS_FOR_AN_INTERVAL
from ...domain.judge_accuracy import Figure
from ...results.finite import fine_enough
from ...results.grown_and_seeds import Estimate

NOTHING = "–"

LOPSIDED = 1.5
"""An interval is shown by its ends where one side is longer than the other by more than this factor."""


def generalise(over: Sequence[str], wording_share: float | None = None) -> str:
    """ "Intervals generalise over topics, questions and answers": what might have been drawn otherwise."""
    *others, last = over
    text = (
        f"Intervals generalise over {', '.join(others)} and {last}" if others else f"Intervals generalise over {last}"
    )
    if wording_share is None:
        return text
    return f"{text}; {100 * wording_share:.0f} % of a rate's sampling variance lies between wordings"


def percent(figure: Figure | None) -> str:
    """ "41 ±6", per cent; "2 [0, 9]" where the interval is lopsided."""
    return around(figure, 100.0, "z.0f")


def around(figure: Figure | None, scale: float = 1.0, form: str = "z.2f") -> str:
    """An estimate ± half the width of its interval, or with both ends where ± would mislead: near 0 and 100 %."""
    if figure is None:
        return NOTHING
    form = fine_enough(figure, scale, form)
    text = f"{scale * figure.estimate:{form}}"
    if figure.interval is None:
        return text
    low, high = figure.interval
    sides = (scale * (figure.estimate - low), scale * (high - figure.estimate))
    plain = form.lstrip("+")
    if max(sides) > LOPSIDED * min(sides) and len({f"{side:{plain}}" for side in sides}) > 1:
        return f"{text} [{scale * low:{plain}}, {scale * high:{plain}}]"
    return f"{text} ±{sum(sides) / 2:{plain}}"


def points(figure: Figure | None) -> str:
    """ "+23 [12, 34]": a difference of rates in percentage points with its interval."""
    if figure is None:
        return NOTHING
    form = fine_enough(figure, 100.0, "z.0f" if abs(figure.estimate) >= 0.05 else "z.1f")
    text = f"{100 * figure.estimate:+{form}}"
    if figure.interval is None:
        return text
    return f"{text} [{100 * figure.interval[0]:{form}}, {100 * figure.interval[1]:{form}}]"


def number(value: float | None, form: str = "z.2f") -> str:
    """A number, or a dash where there is none."""
    return NOTHING if value is None else f"{value:{form}}"


def bits(divergence: float, interval: Sequence[float] | None, digits: int = 3) -> str:
    """ "+0.123 [0.100, 0.145]"; a critic need not give an interval, and one that leaves out its estimate was cut."""
    if interval is None:
        return f"{divergence:+z.{digits}f}"
    low, high = interval
    cut = "cut: " if not low <= divergence <= high else ""
    return f"{divergence:+z.{digits}f} [{cut}{low:z.{digits}f}, {high:z.{digits}f}]"


def with_interval(estimate: Estimate | None) -> str:
    """ "+0.123 [0.100, 0.145]"; without an interval it says so."""
    if estimate is None:
        return "–"
    if estimate.interval is None:
        why = "too few topics" if estimate.topics < FEWEST_TOPICS_FOR_AN_INTERVAL else "no interval"
        return f"{estimate.mean:+z.3f} [{why}]"
    return bits(estimate.mean, estimate.interval)


def p_value(value: float | None) -> str:
    """Three digits, or that it is smaller still."""
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:z.3f}"


def counts(of: Mapping[str, int]) -> str:
    """ "refused 3, failed 1", or "none"."""
    return ", ".join(f"{name} {number}" for name, number in of.items()) or "none"


def largest_of(most: int, total: int) -> str:
    """ "8 of 30, the largest. ", for the note of a table; empty where all ``total`` rows are shown."""
    return f"{most} of {total}, the largest. " if total > most else ""


def headings(members: Sequence[str]) -> dict[str, str]:
    """A heading of at most seven characters for each member: its name, or a number where one name is too long."""
    if all(len(member) <= 7 for member in members):
        return {member: member for member in members}
    return {member: f"#{number}" for number, member in enumerate(members, start=1)}
