"""Each model's profile on the theory's circle, beside the mean of all models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from ...results.result_types import ModelProfile, Results
from ..sheets.result_sheets import value_names
from .drawing import GRID, INK, MARKERS, MUTED, SERIES, as_svg, drawing_style, short
from .figure_formats import share

MOST_CIRCLES = 16
"""More circles than this are a wallpaper; the heat map has every model."""


@dataclass(frozen=True)
class Radars:
    """One circle a model, and how many models have none for want of space or of answers."""

    circles: tuple[tuple[str, Markup], ...]
    left_out: int


@dataclass(frozen=True)
class _Circle:
    """What circles of one folder share: each model's rates in the circle's order, their mean, the names, the scale."""

    rates: Mapping[str, Sequence[float]]
    mean: Sequence[float]
    names: Sequence[str]
    highest: float


def radars(results: Results) -> Radars | None:
    """The circles; None where the theory has no circle or no model has rates."""
    circle = _circle(results)
    if circle is None:
        return None
    with drawing_style():
        circles = tuple(
            (model, _drawn(circle, (model,), f"radar-{place}"))
            for place, model in enumerate(list(circle.rates)[:MOST_CIRCLES])
        )
    return Radars(circles, len(results.profiles) - len(circles))


def overlaid(results: Results, models: Sequence[str]) -> Markup | None:
    """At most ``len(SERIES)`` models on one circle; None where none of them has a rate for each of its values."""
    circle = _circle(results)
    chosen = tuple(model for model in models if circle is not None and model in circle.rates)[: len(SERIES)]
    if circle is None or not chosen:
        return None
    with drawing_style():
        return _drawn(circle, chosen, "circle")


def _circle(results: Results) -> _Circle | None:
    circle = results.asked.circle
    drawable = [profile for profile in results.profiles if all(_rate(profile, value) is not None for value in circle)]
    if len(circle) < 3 or not drawable:
        return None
    rates = {profile.model: [_rate(profile, value) or 0.0 for value in circle] for profile in drawable}
    return _Circle(
        rates=rates,
        mean=np.mean(list(rates.values()), axis=0).tolist(),
        names=[value_names(results)[value] for value in circle],
        highest=float(max(0.2, np.ceil(5 * max(max(each) for each in rates.values())) / 5)),
    )


def _rate(profile: ModelProfile, value: str) -> float | None:
    rate = profile.values.get(value)
    return None if rate is None or rate.best is None else rate.best.estimate


def _drawn(circle: _Circle, models: Sequence[str], name: str) -> Markup:
    from matplotlib.figure import Figure
    from matplotlib.projections.polar import PolarAxes

    several = len(models) > 1
    figure = Figure(figsize=(5.4, 4.2 + 0.28 * len(models)) if several else (3.6, 2.6))
    foot = 0.28 * len(models) / (4.2 + 0.28 * len(models)) if several else 0.0
    box = (0.2, 0.08 + foot, 0.6, 0.82 - foot) if several else (0.24, 0.12, 0.52, 0.74)
    axes = figure.add_axes(box, projection="polar")
    assert isinstance(axes, PolarAxes)
    names, highest = circle.names, circle.highest
    angles = np.linspace(0, 2 * np.pi, len(names), endpoint=False)
    closed = np.append(angles, angles[0])
    axes.set(theta_offset=np.pi / 2, theta_direction=-1, ylim=(0, highest))
    axes.plot(closed, [*circle.mean, circle.mean[0]], color=MUTED, linewidth=1.2, linestyle="--")
    for place, model in enumerate(models):
        rates, colour = [*circle.rates[model], circle.rates[model][0]], SERIES[place]
        marker = MARKERS[place] if several else "o"
        label = short(model, 48)
        axes.plot(closed, rates, color=colour, linewidth=1.6, marker=marker, markersize=3.5 + several, label=label)
        axes.fill(closed, rates, color=colour, alpha=0.08 if several else 0.22)
    rings = np.linspace(0, highest, 3)[1:]
    axes.set_rgrids(rings.tolist(), [f"{100 * ring:.0f} %" for ring in rings], angle=18, fontsize=7, color=MUTED)
    axes.set_xticks(angles, ["" for _ in names])
    axes.grid(color=GRID, linewidth=0.7)
    axes.spines["polar"].set_color(GRID)
    for angle, value in zip(angles, names, strict=True):
        across, up = np.sin(angle), np.cos(angle)
        side = "center" if abs(across) < 0.1 else "left" if across > 0 else "right"
        level = "center" if abs(up) < 0.9 else "bottom" if up > 0 else "top"
        axes.text(angle, 1.08 * highest, short(value, 16), ha=side, va=level, fontsize=8, color=INK)
    if several:
        figure.legend(loc="lower center", frameon=False, fontsize=8, labelcolor=INK)
    title = (
        f"Profiles of {', '.join(short(model, 30) for model in models)}"
        if several
        else f"Profile of {short(models[0], 60)}"
    )
    words = [_in_words(dict(zip(names, circle.rates[model], strict=True))) for model in models]
    described = " ".join(f"{short(model, 60)}: {told}" for model, told in zip(models, words, strict=True))
    return as_svg(
        figure, name, title, (described if several else words[0]) + " The dashed line is the mean of all models."
    )


def _in_words(rates: Mapping[str, float]) -> str:
    order = sorted(rates, key=lambda name: -rates[name])
    listed = ", ".join(f"{name} {share(rates[name])}" for name in order)
    return f"Expression rates, highest first: {listed}."
