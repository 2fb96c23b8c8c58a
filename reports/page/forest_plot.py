"""Estimates with their intervals in rows: contrasts between models, and grown questions against seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from ...domain.judge_accuracy import Figure as Estimated
from ...results.grown_and_seeds import SeedComparison
from ...results.result_types import Contrast, Results
from .drawing import GRID, INK, MUTED, PAPER, SERIES, as_svg, drawing_style, short
from .figure_formats import bits, points

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_CONTRASTS = 30


@dataclass(frozen=True)
class Row:
    """One estimate; ``sure`` ones are drawn filled, the others hollow."""

    label: str
    figure: Estimated
    sure: bool


@dataclass(frozen=True)
class Forest:
    """The strongest contrasts, drawn and as rows of a table."""

    drawing: Markup
    contrasts: tuple[Contrast, ...]
    of: int


def contrast_forest(results: Results) -> Forest | None:
    """The strongest contrasts of value rates; None where no difference could be estimated."""
    strongest = strongest_contrasts(results)
    if not strongest:
        return None
    rows = contrast_rows(results)
    survive = sum(row.sure for row in rows)
    first = f"The largest: {rows[0].label}, {points(rows[0].figure)} points."
    description = f"{survive} of the {len(rows)} contrasts shown survive the control of false discoveries. {first}"
    drawing = forest(rows, "contrasts", "Differences between models", description, "difference, percentage points", 100)
    return Forest(drawing, tuple(strongest), len(results.contrasts.contrasts))


def strongest_contrasts(results: Results) -> list[Contrast]:
    """The ``MOST_CONTRASTS`` of which most is known, by falling |t|."""
    known = [each for each in results.contrasts.contrasts if each.difference is not None]
    return sorted(known, key=_strength)[:MOST_CONTRASTS]


def contrast_rows(results: Results) -> list[Row]:
    """The strongest contrasts as rows of a forest plot."""
    return [
        Row(
            f"{results.asked.values.get(each.value, each.value)}: {short(each.first, 18)} − {short(each.second, 18)}",
            each.difference or Estimated(estimate=0.0),
            each.verdict == "different",
        )
        for each in strongest_contrasts(results)
    ]


def grown_against_seeds(comparisons: Sequence[SeedComparison]) -> Markup | None:
    """Mean divergence on grown questions and on seeds for each group of models; None where nothing was measured."""
    rows = seed_rows(comparisons)
    if not rows:
        return None
    descriptions = [
        f"{group_name(each.group)}, {name} questions {bits(estimate)} bits"
        for each in comparisons
        for name, estimate in (("grown", each.grown), ("seeds", each.seeds))
        if estimate is not None
    ]
    title = "Divergence on grown and on seed questions"
    return forest(rows, "headline", title, "; ".join(descriptions) + ".", "mean divergence, bits", 1)


def seed_rows(comparisons: Sequence[SeedComparison]) -> list[Row]:
    """The mean divergences as rows of a forest plot, grown questions before seeds."""
    return [
        Row(
            f"{group_name(each.group)}: {name}",
            Estimated(estimate=estimate.mean, interval=estimate.interval),
            name == "grown",
        )
        for each in comparisons
        for name, estimate in (("grown", each.grown), ("seeds", each.seeds))
        if estimate is not None
    ]


def group_name(group: str) -> str:
    """How a reader knows a group of models."""
    return "held-out models" if group == "examinee" else "panel models"


def _strength(contrast: Contrast) -> tuple[float, float]:
    """Sorts by falling |t|: by p-value, which falls as |t| grows, and by size where p-values are equal or missing."""
    size = abs(contrast.difference.estimate) if contrast.difference else 0.0
    return (1.0 if contrast.p_value is None else contrast.p_value, -size)


def forest(rows: Sequence[Row], name: str, title: str, description: str, unit: str, scale: float) -> Markup:
    """``forest_figure`` as an inline SVG."""
    with drawing_style():
        return as_svg(forest_figure(rows, unit, scale), name, title, description)


def forest_figure(rows: Sequence[Row], unit: str, scale: float) -> Figure:
    """Rows from top to bottom, each label above its interval, so that it reads on a narrow screen too."""
    height = 0.44 * len(rows) + 0.6
    with drawing_style():
        from .shown_figure import ShownFigure

        figure = ShownFigure(figsize=(5.2, height))
        axes = figure.add_axes((0.03, 0.5 / height, 0.94, 1 - 0.55 / height))
        axes.set_ylim(len(rows) - 0.35, -0.75)
        axes.axvline(0, color=MUTED, linewidth=1, linestyle="--")
        for place, row in enumerate(rows):
            colour = SERIES[0] if row.sure else MUTED
            if row.figure.interval is not None:
                low, high = row.figure.interval
                axes.plot([scale * low, scale * high], [place, place], color=colour, linewidth=2)
            axes.plot(
                [scale * row.figure.estimate],
                [place],
                marker="D" if row.sure else "o",
                markersize=7 if row.sure else 6.5,
                markerfacecolor=colour if row.sure else PAPER,
                markeredgecolor=colour,
                markeredgewidth=1.5,
                linestyle="none",
            )
            label = short(row.label, 64)
            axes.text(
                *(0, place - 0.28, label),
                transform=axes.get_yaxis_transform(),
                va="bottom",
                fontsize=9.5,
                color=INK,
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},  # no line runs through the words
            )
        axes.set_xlabel(unit)
        axes.set_yticks([])
        axes.grid(axis="x", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        return figure
