"""Models' profiles on the theory's circle, each beside the mean of all models or several laid over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from ...results.result_types import ModelProfile, Results
from ..sheets.result_sheets import value_names
from .drawing import GRID, INK, MARKERS, MUTED, SERIES, as_svg, drawing_style, short
from .figure_formats import share

if TYPE_CHECKING:
    from matplotlib.projections.polar import PolarAxes

MOST_CIRCLES = 16
"""More circles than this are a wallpaper; the heat map has every model."""


@dataclass(frozen=True)
class Radars:
    """One circle a model, and how many models have none for want of space or of answers."""

    circles: tuple[tuple[str, Markup], ...]
    left_out: int


@dataclass(frozen=True)
class CircleRates:
    """Rates in [0, 1] of the models that have one on each value of the circle; ``highest`` is the outermost ring."""

    names: tuple[str, ...]
    rates: dict[str, list[float]]
    mean: list[float]
    highest: float


def radars(results: Results) -> Radars | None:
    """The circles; None where the theory has no circle or no model has rates."""
    drawable = circle_rates(results)
    if drawable is None:
        return None
    with drawing_style():
        circles = tuple(
            (model, _alone(place, model, drawable)) for place, model in enumerate(list(drawable.rates)[:MOST_CIRCLES])
        )
    return Radars(circles, len(results.profiles) - len(circles))


def overlaid(results: Results, models: Sequence[str]) -> Markup | None:
    """At most ``len(SERIES)`` models on one circle; None where none of them has a rate for each of its values."""
    drawable = circle_rates(results)
    chosen = [model for model in models if drawable is not None and model in drawable.rates][: len(SERIES)]
    if drawable is None or not chosen:
        return None
    with drawing_style():
        return _together(chosen, drawable)


def circle_rates(results: Results) -> CircleRates | None:
    """What the circles show; None where the theory has no circle or no model has all rates."""
    circle = results.asked.circle
    drawable = [profile for profile in results.profiles if all(_rate(profile, value) is not None for value in circle)]
    if len(circle) < 3 or not drawable:
        return None
    rates = {profile.model: [_rate(profile, value) or 0.0 for value in circle] for profile in drawable}
    names = value_names(results)
    return CircleRates(
        names=tuple(names[value] for value in circle),
        rates=rates,
        mean=[float(each) for each in np.mean(list(rates.values()), axis=0)],
        highest=float(max(0.2, np.ceil(5 * max(max(each) for each in rates.values())) / 5)),
    )


def draw_circle(axes: PolarAxes, models: Sequence[str], drawable: CircleRates) -> None:
    """The rates of ``models``, at most ``len(SERIES)``, beside the mean of all."""
    names, highest, several = drawable.names, drawable.highest, len(models) > 1
    angles = np.linspace(0, 2 * np.pi, len(names), endpoint=False)
    closed = np.append(angles, angles[0])
    axes.set(theta_offset=np.pi / 2, theta_direction=-1, ylim=(0, highest))
    axes.plot(closed, [*drawable.mean, drawable.mean[0]], color=MUTED, linewidth=1.2, linestyle="--")
    for place, model in enumerate(models):
        rates, colour = [*drawable.rates[model], drawable.rates[model][0]], SERIES[place]
        marker = MARKERS[place] if several else "o"
        label = short(model, 48)
        axes.plot(closed, rates, color=colour, linewidth=1.6, marker=marker, markersize=3.5 + several, label=label)
        axes.fill(closed, rates, color=colour, alpha=0.08 if several else 0.22)
    rings = np.linspace(0, highest, 3)[1:]
    axes.set_rgrids(rings.tolist(), [f"{100 * ring:.0f} %" for ring in rings], angle=18, fontsize=7, color=MUTED)
    axes.set_xticks(angles, ["" for _ in names])
    axes.grid(color=GRID, linewidth=0.7)
    axes.spines["polar"].set_color(GRID)
    for angle, name in zip(angles, names, strict=True):
        across, up = np.sin(angle), np.cos(angle)
        side = "center" if abs(across) < 0.1 else "left" if across > 0 else "right"
        level = "center" if abs(up) < 0.9 else "bottom" if up > 0 else "top"
        axes.text(angle, 1.08 * highest, short(name, 16), ha=side, va=level, fontsize=8, color=INK)


def _rate(profile: ModelProfile, value: str) -> float | None:
    rate = profile.values.get(value)
    return None if rate is None or rate.best is None else rate.best.estimate


def _alone(place: int, model: str, drawable: CircleRates) -> Markup:
    from matplotlib.projections.polar import PolarAxes

    from .shown_figure import ShownFigure

    figure = ShownFigure(figsize=(3.6, 2.6))
    axes = figure.add_axes((0.24, 0.12, 0.52, 0.74), projection="polar")
    assert isinstance(axes, PolarAxes)
    draw_circle(axes, [model], drawable)
    described = f"{_in_words(model, drawable)} The dashed line is the mean of all models."
    return as_svg(figure, f"radar-{place}", f"Profile of {short(model, 60)}", described)


def _together(models: Sequence[str], drawable: CircleRates) -> Markup:
    from matplotlib.projections.polar import PolarAxes

    from .shown_figure import ShownFigure

    legend = 0.28 * len(models)
    height = 4.2 + legend
    figure = ShownFigure(figsize=(5.4, height))
    axes = figure.add_axes((0.2, 0.08 + legend / height, 0.6, 0.82 - legend / height), projection="polar")
    assert isinstance(axes, PolarAxes)
    draw_circle(axes, models, drawable)
    figure.legend(loc="lower center", frameon=False, fontsize=8, labelcolor=INK)
    title = f"Profiles of {', '.join(short(model, 30) for model in models)}"
    words = " ".join(f"{short(model, 60)}: {_in_words(model, drawable)}" for model in models)
    return as_svg(figure, "circle", title, f"{words} The dashed line is the mean of all models.")


def _in_words(model: str, drawable: CircleRates) -> str:
    rates: Mapping[str, float] = dict(zip(drawable.names, drawable.rates[model], strict=True))
    order = sorted(rates, key=lambda name: -rates[name])
    listed = ", ".join(f"{name} {share(rates[name])}" for name in order)
    return f"Expression rates, highest first: {listed}."
