"""Figures that the page has in another form: circles side by side, and the heat map, which is a table there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...results.result_types import Results
from ..page.drawing import GRID, INK, PAPER, SERIES, drawing_style, short
from ..page.radar import CircleRates, draw_circle
from ..sheets.result_sheets import value_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

A_ROW = 3
"""Circles side by side."""


def circles(models: Sequence[str], drawable: CircleRates) -> Figure:
    """One circle for each of ``models``, with its name above."""
    rows, columns = math.ceil(len(models) / A_ROW), min(len(models), A_ROW)
    with drawing_style():
        from matplotlib.projections.polar import PolarAxes

        from ..page.shown_figure import ShownFigure

        figure = ShownFigure(figsize=(3.6 * columns, 3.0 * rows), layout="constrained")
        for place, model in enumerate(models, start=1):
            axes = figure.add_subplot(rows, columns, place, projection="polar")
            assert isinstance(axes, PolarAxes)
            draw_circle(axes, [model], drawable)
            axes.set_title(short(model, 40), fontsize=10, color=INK, pad=22)
        return figure


def shaded_rates(results: Results) -> Figure | None:
    """The rates in per cent as shaded cells; None without a single one."""
    rates, names = results.rates(), value_names(results)
    known = [each.estimate for of_model in rates.values() for each in of_model.values()]
    if not known:
        return None
    highest = max(*known, 0.1)
    with drawing_style():
        from matplotlib.colors import LinearSegmentedColormap

        from ..page.shown_figure import ShownFigure

        shades = LinearSegmentedColormap.from_list("rates", [PAPER, SERIES[0]])
        figure = ShownFigure(figsize=(1.6 + 0.62 * len(names), 1.5 + 0.34 * len(rates)), layout="constrained")
        axes = figure.add_subplot()
        for row, (_model, of_model) in enumerate(rates.items()):
            for column, value in enumerate(names):
                rate = of_model.get(value)
                share = 0.0 if rate is None else rate.estimate / highest
                axes.axvspan(
                    column - 0.5,
                    column + 0.5,
                    1 - (row + 1) / len(rates),
                    1 - row / len(rates),
                    facecolor=shades(share) if rate is not None else PAPER,
                    edgecolor=GRID,
                    linewidth=0.6,
                )
                text = "–" if rate is None else f"{100 * rate.estimate:.0f}"
                axes.text(column, row, text, ha="center", va="center", fontsize=9, color=PAPER if share > 0.6 else INK)
        axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(rates) - 0.5, -0.5))
        axes.set_xticks(range(len(names)), [short(name, 22) for name in names.values()], rotation=40, ha="right")
        axes.set_yticks(range(len(rates)), [short(model, 30) for model in rates])
        axes.tick_params(length=0)
        axes.set_xlabel("% of judged answers that express the value", color=INK)
        for spine in axes.spines.values():
            spine.set_visible(False)
        return figure
