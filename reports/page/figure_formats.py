"""Figures as the page writes them: the unit and the 95 % interval beside each, a dash where nothing can be said."""

from __future__ import annotations

from ...domain.judge_accuracy import Figure
from ...results.finite import fine_enough
from ...results.grown_and_seeds import Estimate

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"


def share(number: float | None) -> str:
    """A share in [0, 1] as "42 %"."""
    return NOTHING if number is None else f"{_rounded(100 * number)} %"


def percent(figure: Figure | None) -> str:
    """A rate with its interval: "42 % [35, 50]"."""
    if figure is None:
        return NOTHING
    digits = _digits(figure)
    return f"{_rounded(100 * figure.estimate, digits)} %{_interval(figure.interval, 100, digits)}"


def points(figure: Figure | None) -> str:
    """A difference of rates in percentage points: "+12 [5, 19]"."""
    if figure is None:
        return NOTHING
    digits = _digits(figure)
    return f"{_rounded(100 * figure.estimate, digits, signed=True)}{_interval(figure.interval, 100, digits)}"


def decimal(figure: Figure | None) -> str:
    """Anything else with its interval: "0.123 [0.100, 0.145]"."""
    if figure is None:
        return NOTHING
    return f"{number(figure.estimate, 3)}{_interval(figure.interval, 1, 3)}"


def bits(estimate: Estimate | None) -> str:
    """A mean divergence or a difference of two: "+0.123 [0.100, 0.145]", as in the terminal."""
    if estimate is None:
        return NOTHING
    mean = f"{estimate.mean:+z.3f}".replace("-", MINUS)
    return f"{mean}{_interval(estimate.interval, 1, 3)}"


def number(value: float | None, digits: int = 2) -> str:
    """A bare number with a true minus sign."""
    return NOTHING if value is None else f"{value:z,.{digits}f}".replace("-", MINUS)


def whole(value: int | None) -> str:
    """A whole number, thousands apart."""
    return NOTHING if value is None else f"{value:,}"


def p_value(value: float | None) -> str:
    """Three digits, or that it is smaller still."""
    if value is None:
        return NOTHING
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _interval(bounds: tuple[float, float] | None, unit: float, digits: int) -> str:
    if bounds is None:
        return " [no interval]"
    low, high = (f"{unit * bound:z.{digits}f}".replace("-", MINUS) for bound in bounds)
    return f" [{low}, {high}]"


def _digits(figure: Figure) -> int:
    """How many digits per cent need so that an interval is no point; none, as a rule."""
    return int(fine_enough(figure, 100.0, "z.0f")[-2])


def _rounded(value: float, digits: int = 0, *, signed: bool = False) -> str:
    text = f"{value:z.{digits}f}"
    plus = "+" if signed and float(text) > 0 else ""
    return f"{plus}{text}".replace("-", MINUS)
